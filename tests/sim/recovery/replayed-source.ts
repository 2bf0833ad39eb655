/** The source of a table: each row of a split comes at its time, as often as it is read from its offset. */
import { type Batch, BatchBuilder } from '@millrace/algebra'
import { evaluate } from '@millrace/plan'
import type { Json, ReaderContext, Source, SplitReader } from '@millrace/runtime'
import type { Row, Table } from './load.ts'

/** What sources and sinks are told of the world around them. */
export interface Outside {
  /** Virtual milliseconds since the job began for the first time. */
  readonly elapsedMs: number
  /** The last rows may come. */
  readonly mayEnd: boolean
  /** Throws if it is the turn of a fault. */
  failIf(where: 'source' | 'write' | 'prepare' | 'commit'): void
  /** Something has begun that faults may be aimed at. */
  mark(name: string): void
}

const POLL_MS = 60

export function replayedSource(table: Table, outside: Outside): Source {
  const { label, schema, bounded, splits, concurrentSplits, place } = table
  return {
    label,
    schema,
    bounded,
    prunes: false,
    concurrentSplits,
    place,
    splits: async ({ host }) => {
      await host.yield()
      return splits.map((_, i) => ({ id: `${i}` }))
    },
    open: ({ id, offset }, context) => new Reader(table, Number(id), Number(offset ?? 0), context, outside),
  }
}

class Reader implements SplitReader {
  readonly #table: Table
  readonly #rows: readonly Row[]
  /** From this row on it gives no more until the end may come. */
  readonly #held: number
  readonly #context: ReaderContext
  readonly #outside: Outside
  #at: number
  #cancel: (() => void) | undefined

  constructor(table: Table, split: number, at: number, context: ReaderContext, outside: Outside) {
    this.#table = table
    this.#rows = table.splits[split]!
    this.#held = table.early?.(split) === true ? Number.POSITIVE_INFINITY : table.held
    this.#context = context
    this.#outside = outside
    this.#at = at
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    this.#outside.failIf('source')
    if (this.#at >= this.#rows.length) return this.#mayEnd ? 'end' : this.#wait()
    const { schema, predicates, host } = this.#context
    const until = Math.min(this.#available, this.#at + 1 + host.choose(maxRows))
    if (until <= this.#at) return this.#wait()
    const builder = new BatchBuilder(schema)
    for (; this.#at < until; this.#at++) {
      const row = this.#rows[this.#at]!
      if (predicates.every(p => evaluate(p, name => row[name]) === true)) builder.append(row)
    }
    return builder.build()
  }

  get #mayEnd(): boolean {
    return this.#outside.mayEnd || this.#held > this.#rows.length
  }

  /** Rows that there are by now. */
  get #available(): number {
    const { paceMs } = this.#table
    if (this.#outside.mayEnd) return this.#rows.length
    return Math.min(this.#rows.length, this.#held, Math.floor(this.#outside.elapsedMs / paceMs))
  }

  #wait(): 'wait' {
    const { host, wake } = this.#context
    this.#cancel ??= host.timer(host.now() + POLL_MS * host.random(), () => {
      this.#cancel = undefined
      wake()
    })
    return 'wait'
  }

  offset(): Json {
    return this.#at
  }

  close(): void {
    this.#cancel?.()
  }
}
