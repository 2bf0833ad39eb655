/** Sources and sinks for simulated clusters: they do what the contracts allow, and note what is done to them. */
import { type Batch, BatchBuilder } from '@millrace/algebra'
import { evaluate, type SourceNode } from '@millrace/plan'
import type { Host, Json, ReaderContext, Sink, SinkWriter, Source, SplitReader, WriterContext } from '@millrace/runtime'

type Row = Readonly<Record<string, unknown>>

export interface Feed {
  /** Rows by split. */
  readonly splits: readonly (readonly Row[])[]
  /** It may have nothing for a while. */
  readonly waits: boolean
  readonly bounded: boolean
  readonly concurrentSplits: number
  readonly place: 'workers' | 'caller'
}

/** Rows that a source gave, at which site and after so many events of the trace. */
export interface Poll {
  readonly site: number
  readonly after: number
  readonly rows: number
}

/** What has not been given back. */
export interface Open {
  readers: number
  writers: number
  /** Writers that are not yet there; a job that is given up does not wait for them. */
  opening: number
  readonly polls: Poll[]
  /** Readers fail with it from now on. */
  failure: Error | undefined
  /** How many events there have been. */
  events(): number
}

/** The source of a node, with these rows; it applies the plan's predicates itself. */
export function feed({ source }: SourceNode, { splits, waits, ...rest }: Feed, open: Open): Source {
  return {
    ...source,
    ...rest,
    label: source.label,
    schema: source.schema,
    splits: async () => splits.map((_, i) => ({ id: `${i}` })),
    open: ({ id, offset }, context) => new FeedReader(splits[Number(id)]!, Number(offset ?? 0), waits, context, open),
  }
}

class FeedReader implements SplitReader {
  readonly #rows: readonly Row[]
  readonly #waits: boolean
  readonly #context: ReaderContext
  readonly #open: Open
  #at: number
  #cancel: (() => void) | undefined
  #closed = false

  constructor(rows: readonly Row[], at: number, waits: boolean, context: ReaderContext, open: Open) {
    this.#rows = rows
    this.#at = at
    this.#waits = waits
    this.#context = context
    this.#open = open
    open.readers++
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    if (this.#closed) throw new RangeError('polled after its close')
    if (this.#open.failure !== undefined) throw this.#open.failure
    const { host, schema, predicates } = this.#context
    if (this.#waits && host.random() < 0.3) return this.#wait(host)
    if (this.#at === this.#rows.length) return 'end'
    const before = this.#at
    const builder = new BatchBuilder(schema)
    for (; this.#at < this.#rows.length && builder.length < maxRows; this.#at++) {
      const row = this.#rows[this.#at]!
      if (predicates.every(p => evaluate(p, name => row[name]) === true)) builder.append(schema.bare ? row.value : row)
    }
    const { polls, events } = this.#open
    polls.push({ site: 'index' in host ? Number(host.index) : 0, after: events(), rows: this.#at - before })
    return builder.build()
  }

  #wait(host: Host): 'wait' {
    this.#cancel ??= host.timer(host.now() + host.random() * 300, () => {
      this.#cancel = undefined
      this.#context.wake()
    })
    return 'wait'
  }

  offset(): Json {
    return this.#at
  }

  close(): void {
    if (this.#closed) throw new RangeError('closed twice')
    this.#closed = true
    this.#open.readers--
    this.#cancel?.()
  }
}

/** Rows as text and how often they are there, of what has been committed. */
export type Contents = ReadonlyMap<string, number>

export interface Kept extends Sink {
  /** Undefined: nothing has been committed. */
  readonly contents: Contents | undefined
  /** All that was written, by whoever and whatever became of it, in order. */
  readonly changes: readonly (readonly [row: string, weight: number])[]
}

export interface Drain {
  readonly place: 'workers' | 'one' | 'caller'
  /** After each batch it takes no other for up to so long. */
  readonly pauseMs: number
}

/** Keeps what it is given, as `show` has it. */
export function drain({ place, pauseMs }: Drain, show: (row: unknown) => string, open: Open): Kept {
  const prepared = new Map<string, Map<string, number>>()
  const changes: [string, number][] = []
  let contents: Map<string, number> | undefined
  return {
    changes,
    label: 'drain',
    takes: ['bounded', 'appending', 'updating'],
    place,
    get contents() {
      return contents
    },
    open: async context => {
      open.opening++
      await context.host.yield()
      open.opening--
      open.writers++
      return new DrainWriter(context, pauseMs, show, prepared, changes, open)
    },
    commit: async handles => {
      contents ??= new Map()
      for (const handle of handles as readonly string[])
        for (const [row, times] of prepared.get(handle)!) contents.set(row, (contents.get(row) ?? 0) + times)
    },
  }
}

class DrainWriter implements SinkWriter {
  ready = true
  readonly #context: WriterContext
  readonly #pauseMs: number
  readonly #show: (row: unknown) => string
  readonly #prepared: Map<string, Map<string, number>>
  readonly #changes: [string, number][]
  readonly #open: Open
  readonly #rows = new Map<string, number>()
  #cancel: (() => void) | undefined
  #state: 'open' | 'prepared' | 'gone' = 'open'
  /** What was never used may have come too late: then nobody waits for its end. */
  #used = false
  #watermark = Number.NEGATIVE_INFINITY

  constructor(
    context: WriterContext,
    pauseMs: number,
    show: (row: unknown) => string,
    prepared: Map<string, Map<string, number>>,
    changes: [string, number][],
    open: Open,
  ) {
    this.#context = context
    this.#pauseMs = pauseMs
    this.#show = show
    this.#prepared = prepared
    this.#changes = changes
    this.#open = open
  }

  write(batch: Batch): void {
    if (!this.ready || this.#state !== 'open') throw new RangeError(`written to while ${this.#state}, not ready`)
    for (let i = 0; i < batch.length; i++) {
      const row = this.#show(batch.row(i))
      this.#rows.set(row, (this.#rows.get(row) ?? 0) + batch.weight(i))
      this.#changes.push([row, batch.weight(i)])
    }
    this.#used = true
    const { host, wake } = this.#context
    if (this.#pauseMs === 0) return
    this.ready = false
    this.#cancel = host.timer(host.now() + host.random() * this.#pauseMs, () => {
      this.ready = true
      wake()
    })
  }

  watermark(time: number): void {
    if (time <= this.#watermark) throw new RangeError(`watermark ${time} after ${this.#watermark}`)
    this.#watermark = time
  }

  async prepareCommit(): Promise<readonly Json[]> {
    if (this.#state !== 'open') throw new RangeError(`prepared while ${this.#state}`)
    this.#state = 'prepared'
    this.#used = true
    await this.#context.host.yield()
    const handle = `${this.#context.subtask} of ${this.#prepared.size}`
    this.#prepared.set(handle, this.#rows)
    return [handle]
  }

  abort(): Promise<void> {
    return this.#leave()
  }

  close(): Promise<void> {
    return this.#leave()
  }

  async #leave(): Promise<void> {
    if (this.#state === 'gone') throw new RangeError('closed or aborted twice')
    this.#state = 'gone'
    this.#open.writers--
    this.#cancel?.()
    if (this.#used) await this.#context.host.yield()
  }
}
