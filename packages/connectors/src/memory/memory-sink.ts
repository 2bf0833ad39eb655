import type { Batch } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Sink, SinkWriter } from '@millrace/runtime'

/** A row and how often it came (negative: went). */
export interface WeightedRow<T> {
  readonly row: T
  readonly weight: number
}

/** Keeps what a job writes, for tests. */
export interface MemorySink<in out T> extends Sink<T, CollectionKind> {
  /** What has been committed, in the order of the commits; a row of weight 2 stands once. */
  readonly changes: readonly WeightedRow<T>[]
  /** The rows of `changes`, each as often as its weight says; a row that went is missing or, if never there, an error. */
  rows(): T[]
}

/**
 * A sink that keeps rows in memory, in the thread of the caller: what was prepared and never committed stays unseen, as
 * with any other sink.
 *
 * @example
 * const sink = memorySink<{ user: string }>()
 * await env.dataset(fromRows([{ user: 'ann' }])).to(sink).run()
 * sink.rows() // [{ user: 'ann' }]
 */
export function memorySink<T = unknown>(): MemorySink<T> {
  const changes: WeightedRow<T>[] = []
  const prepared = new Map<string, readonly WeightedRow<T>[]>()
  let handles = 0
  const prepare = (written: readonly WeightedRow<T>[]): string => {
    const handle = `${handles++}`
    prepared.set(handle, written)
    return handle
  }
  return {
    label: 'memory',
    takes: ['bounded', 'appending', 'updating'],
    place: 'caller',
    changes,
    rows: () => integrate(changes),
    open: () => new MemoryWriter(prepare, handle => void prepared.delete(handle)),
    async commit(given) {
      for (const handle of given as readonly string[]) {
        for (const change of prepared.get(handle) ?? []) changes.push(change)
        prepared.delete(handle)
      }
    },
  }
}

/** Deletions take back the last equal row; equality is that of the printed row, the sink being for tests. */
function integrate<T>(changes: readonly WeightedRow<T>[]): T[] {
  const rows: T[] = []
  for (const { row, weight } of changes) {
    for (let i = 0; i < weight; i++) rows.push(row)
    for (let i = 0; i > weight; i--) {
      const printed = print(row)
      const at = rows.findLastIndex(candidate => print(candidate) === printed)
      if (at < 0) throw new RangeError(`a row went that was not there: ${printed}`)
      rows.splice(at, 1)
    }
  }
  return rows
}

function print(row: unknown): string {
  return JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? `${value}n` : value)) ?? 'undefined'
}

class MemoryWriter<T> implements SinkWriter {
  readonly ready = true
  readonly #prepare: (written: readonly WeightedRow<T>[]) => string
  readonly #forget: (handle: string) => void
  readonly #handles = new Set<string>()
  #written: WeightedRow<T>[] = []

  constructor(prepare: (written: readonly WeightedRow<T>[]) => string, forget: (handle: string) => void) {
    this.#prepare = prepare
    this.#forget = forget
  }
  write(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) this.#written.push({ row: batch.row(i) as T, weight: batch.weight(i) })
  }
  async prepareCommit(): Promise<readonly Json[]> {
    const handle = this.#prepare(this.#written)
    this.#handles.add(handle)
    this.#written = []
    return [handle]
  }
  async abort(): Promise<void> {
    for (const handle of this.#handles) this.#forget(handle)
    this.#handles.clear()
    this.#written = []
  }
  async close(): Promise<void> {}
}
