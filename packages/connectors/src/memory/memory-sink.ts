import { type Batch, BatchBuilder, type Schema } from '@millrace/algebra'
import type { CollectionKind } from '@millrace/plan'
import type { Json, Recovery, Sink, SinkWriter, WriterContext, WriterState } from '@millrace/runtime'

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
 * with any other sink. In a job with checkpoints its rows are part of each, so that a program that goes on from one has
 * them all.
 *
 * @example
 * const sink = memorySink<{ user: string }>()
 * await env.dataset(fromRows([{ user: 'ann' }])).to(sink).run()
 * sink.rows() // [{ user: 'ann' }]
 */
export function memorySink<T = unknown>(): MemorySink<T> {
  return new Memory<T>()
}

class Memory<T> implements MemorySink<T> {
  readonly label = 'memory'
  readonly takes = ['bounded', 'appending', 'updating'] as const
  readonly place = 'caller'
  readonly changes: WeightedRow<T>[] = []
  /** By handle; those of a job begin with its id. */
  readonly #prepared = new Map<string, readonly WeightedRow<T>[]>()
  /** Jobs that wrote here: what they have committed is among the changes. */
  readonly #jobs = new Set<string>()
  #handles = 0

  rows(): T[] {
    return integrate(this.changes)
  }

  open(context: WriterContext): SinkWriter {
    const { jobId, collection } = context
    const state = context.restored ?? context.restoredAll?.[0]
    const restored = state === undefined ? [] : changesOf<T>(state)
    const isNew = !this.#jobs.has(jobId)
    this.#jobs.add(jobId)
    // In a new process: of a bounded result nothing was committed yet.
    if (isNew && collection !== 'bounded') for (const change of restored) this.changes.push(change)
    const prepare = (written: readonly WeightedRow<T>[]): string => {
      const handle = `${context.jobId}.${this.#handles++}`
      this.#prepared.set(handle, written)
      return handle
    }
    const writer = new MemoryWriter(prepare, handle => void this.#prepared.delete(handle), context, restored)
    if (isNew && collection === 'bounded') writer.writeAgain()
    return writer
  }

  async commit(handles: readonly Json[]): Promise<void> {
    for (const handle of handles as readonly string[]) {
      for (const change of this.#prepared.get(handle) ?? []) this.changes.push(change)
      this.#prepared.delete(handle)
    }
  }

  async recover({ jobId, handles }: Recovery): Promise<void> {
    for (const handle of this.#prepared.keys())
      if (handle.startsWith(`${jobId}.`) && !handles.includes(handle)) this.#prepared.delete(handle)
  }
}

function changesOf<T>({ batch }: WriterState): WeightedRow<T>[] {
  if (batch === null) return []
  return Array.from({ length: batch.length }, (_, i) => ({ row: batch.row(i) as T, weight: batch.weight(i) }))
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
  readonly #schema: Schema
  readonly #handles = new Set<string>()
  /** All that was ever written, for the checkpoints; undefined if there are none. */
  readonly #all: WeightedRow<T>[] | undefined
  #written: WeightedRow<T>[] = []

  constructor(
    prepare: (written: readonly WeightedRow<T>[]) => string,
    forget: (handle: string) => void,
    { schema, checkpointed }: WriterContext,
    restored: readonly WeightedRow<T>[],
  ) {
    this.#prepare = prepare
    this.#forget = forget
    this.#schema = schema
    if (checkpointed) this.#all = [...restored]
  }
  /** Prepares the rows from before the checkpoint once more. */
  writeAgain(): void {
    this.#written = this.#all?.splice(0) ?? []
  }
  write(batch: Batch): void {
    for (let i = 0; i < batch.length; i++) this.#written.push({ row: batch.row(i) as T, weight: batch.weight(i) })
  }
  async prepareCommit(): Promise<readonly Json[]> {
    const handle = this.#prepare(this.#written)
    this.#handles.add(handle)
    const all = this.#all
    if (all !== undefined) for (const change of this.#written) all.push(change)
    this.#written = []
    return [handle]
  }
  snapshot(): WriterState | null {
    if (this.#all === undefined) return null
    const builder = new BatchBuilder(this.#schema)
    for (const { row, weight } of this.#all) builder.append(row, weight)
    return { meta: null, batch: builder.take() }
  }
  async abort(): Promise<void> {
    if (this.#all === undefined) for (const handle of this.#handles) this.#forget(handle)
    this.#handles.clear()
    this.#written = []
  }
  async close(): Promise<void> {}
}
