/**
 * A sink that keeps nothing but a checksum of what it was given: for benchmarks, and for jobs run for their side effects.
 */
import type { Batch } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Sink, SinkWriter, WriterContext, WriterState } from '@millrace/runtime'
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
  /** By writer, what it has committed in all. */
  readonly #writers = new Map<string, Seen>()
  /** What there was at the last reset. */
  #before = new Checksum()
  #opened = 0

  get rows(): number {
    return this.#total().rows
  }

  checksum(): string {
    return this.#total().toString()
  }

  reset(): void {
    this.#before.merge(this.#total())
  }

  open(context: WriterContext): SinkWriter {
    const { jobId, subtask, host } = context
    return new BlackholeWriter(`${jobId}.${this.#opened++}.${subtask}.${host.random()}`, context)
  }

  async commit(handles: readonly Json[]): Promise<void> {
    for (const seen of handles as readonly Seen[]) {
      for (const id of seen.follows) this.#writers.delete(id)
      this.#writers.set(seen.id, seen)
    }
  }

  #total(): Checksum {
    const total = new Checksum()
    for (const seen of this.#writers.values()) total.merge(checksumOf(seen))
    const { rows, lanes } = this.#before
    total.merge({ rows: -rows, lanes: [-lanes[0], -lanes[1]] })
    return total
  }
}

/**
 * All that a writer has seen, since its job began, and not since the last checkpoint: so it does not matter how often it is
 * told, and a new process needs no more than the handles of the checkpoint from which it goes on.
 */
type Seen = {
  readonly id: string
  /** Writers before the checkpoint of which this one has taken over what they had seen. */
  readonly follows: readonly string[]
  readonly rows: number
  readonly low: number
  readonly high: number
}

function checksumOf({ rows, low, high }: Seen) {
  return { rows, lanes: [low, high] as const }
}

class BlackholeWriter implements SinkWriter {
  readonly ready = true
  readonly #id: string
  readonly #follows: readonly string[]
  readonly #checksum = new Checksum()

  /** @param id that nobody had before */
  constructor(id: string, { restored, restoredAll }: WriterContext) {
    const states = (restored === undefined ? (restoredAll ?? []) : [restored]).map(({ meta }) => meta as Seen)
    this.#id = id
    this.#follows = states.map(seen => seen.id)
    for (const seen of states) this.#checksum.merge(checksumOf(seen))
  }

  write(batch: Batch): void {
    this.#checksum.add(batch)
  }

  async prepareCommit(): Promise<readonly Json[]> {
    return this.#checksum.rows === 0 ? [] : [this.#seen()]
  }

  snapshot(): WriterState {
    return { meta: this.#seen(), batch: null }
  }

  async abort(): Promise<void> {
    this.#checksum.reset()
  }

  async close(): Promise<void> {}

  #seen(): Seen {
    const { rows, lanes } = this.#checksum
    return { id: this.#id, follows: this.#follows, rows, low: lanes[0], high: lanes[1] }
  }
}
