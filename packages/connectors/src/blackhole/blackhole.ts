/**
 * A sink that keeps nothing but a checksum of what it was given: for benchmarks, and for jobs run for their side effects.
 */
import type { Batch } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Sink, SinkWriter, WriterContext } from '@millrace/runtime'
import { Checksum } from './checksum.ts'

export interface BlackholeSink extends Sink<unknown, CollectionKind> {
  /** Rows of finished jobs, those that take others back as well. */
  readonly rows: number
  /**
   * The checksum of the rows of finished jobs, sixteen hexadecimal digits: it depends on every value of every row and on how
   * often the row is there, and on nothing else.
   */
  checksum(): string
  /** Begins anew. */
  reset(): void
}

/**
 * A sink that takes everything, of every kind, and keeps only its checksum. Every worker has a writer; the caller's object
 * shows the sum of them all when the job has committed.
 *
 * @example
 * const sink = blackhole()
 * await env.dataset(fromRows([{ user: 'ann' }])).to(sink).run()
 * sink.rows // 1
 */
export function blackhole(): BlackholeSink {
  return new Blackhole()
}

class Blackhole implements BlackholeSink {
  readonly label = 'blackhole'
  readonly takes = ['bounded', 'appending', 'updating'] as const
  readonly place = 'workers'
  readonly #total = new Checksum()
  readonly #committed = new Set<string>()
  #opened = 0

  get rows(): number {
    return this.#total.rows
  }

  checksum(): string {
    return this.#total.toString()
  }

  reset(): void {
    this.#total.reset()
  }

  open({ jobId, subtask }: WriterContext): SinkWriter {
    return new BlackholeWriter(`${jobId}.${this.#opened++}.${subtask}`)
  }

  async commit(handles: readonly Json[]): Promise<void> {
    for (const { id, rows, low, high } of handles as readonly Handle[]) {
      if (this.#committed.has(id)) continue
      this.#committed.add(id)
      this.#total.merge({ rows, lanes: [low, high] })
    }
  }
}

class BlackholeWriter implements SinkWriter {
  readonly ready = true
  readonly #id: string
  readonly #checksum = new Checksum()
  #prepared = 0

  constructor(id: string) {
    this.#id = id
  }

  write(batch: Batch): void {
    this.#checksum.add(batch)
  }

  async prepareCommit(): Promise<readonly Json[]> {
    const { rows, lanes } = this.#checksum
    if (rows === 0) return []
    this.#checksum.reset()
    return [{ id: `${this.#id}.${this.#prepared++}`, rows, low: lanes[0], high: lanes[1] }]
  }

  async abort(): Promise<void> {
    this.#checksum.reset()
  }

  async close(): Promise<void> {}
}

type Handle = { readonly id: string; readonly rows: number; readonly low: number; readonly high: number }
