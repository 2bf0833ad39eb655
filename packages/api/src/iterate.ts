/**
 * `for await` over a collection: a sink at one end, an async iterator at the other.
 *
 * The job starts with the first `next`. The sink takes a batch only when the rows of the last one have been consumed,
 * so a slow loop slows the sources. Leaving the loop cancels the job and waits for its clean-up; an error of the job
 * is thrown behind the last row that came before it.
 *
 * In a job with checkpoints rows are handed to the loop when the checkpoint with them is complete: then the loop sees each
 * once, however often the job goes on from a checkpoint. In a new process it begins with those of the checkpoint itself.
 */
import { type Batch, compact, concat, slice } from '@millrace/algebra'
import {
  type JobHandle,
  type Json,
  type RowReader,
  rowReader,
  type Sink,
  type SinkWriter,
  type WriterContext,
  type WriterState,
} from '@millrace/runtime'

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (reason: unknown) => void
}

/** Rows that wait for the commit of a checkpoint. */
interface Prepared {
  readonly id: number
  readonly batches: readonly Batch[]
}

type State = {
  readonly count: number
  /** Those up to here were committed, and are to be handed over again: the loop was not through with them. */
  readonly committed: number
  readonly prepared: readonly { readonly id: number; readonly rows: number }[]
}

export class IteratorSink<T> implements Sink, SinkWriter, AsyncIterator<T, undefined> {
  readonly label = 'for await'
  readonly takes = ['bounded', 'appending', 'updating'] as const
  readonly place = 'caller'
  readonly #start: (sink: Sink) => JobHandle
  #job: JobHandle | undefined
  /** Rows that came and were not asked for; those before `#next` are gone. */
  #rows: T[] = []
  #next = 0
  /** Calls of `next` that came before their rows. Rows and waiting calls are never both there. */
  readonly #waiting: Waiting<T>[] = []
  #settled: 'running' | 'done' | { readonly error: unknown } = 'running'
  #read: RowReader | undefined
  #updating = false
  #wake: () => void = () => {}
  #checkpointed = false
  /** Since the last preparation. */
  #written: Batch[] = []
  #prepared: Prepared[] = []
  /** Preparations since the job began; the last of them whose rows were handed over. */
  #count = 0
  #handed = 0
  /** Handed over, and the loop has not asked for what comes behind them. */
  #inHand: Prepared[] = []
  /** Committed before the writer came with their rows. */
  #owed = new Set<number>()

  constructor(start: (sink: Sink) => JobHandle) {
    this.#start = start
  }

  // The iterator's side.

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#job === undefined && this.#settled === 'running') this.#begin()
    if (this.#next < this.#rows.length) {
      const value = this.#rows[this.#next++]
      if (this.ready) this.#wake()
      return Promise.resolve({ done: false, value })
    }
    if (this.#settled === 'running') {
      this.#inHand = []
      const row = new Promise<IteratorResult<T, undefined>>((resolve, reject) =>
        this.#waiting.push({ resolve, reject }),
      )
      this.#wake()
      return row
    }
    if (this.#settled === 'done') return Promise.resolve({ done: true, value: undefined })
    const { error } = this.#settled
    this.#settled = 'done'
    return Promise.reject(error)
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const job = this.#job
    this.#rows = []
    this.#next = 0
    if (this.#settled === 'running') this.#settle('done')
    if (job !== undefined) {
      await job.cancel()
      await job.finished.catch(() => {})
    }
    return { done: true, value: undefined }
  }

  #begin(): void {
    try {
      this.#job = this.#start(this)
    } catch (error) {
      this.#settle({ error })
      return
    }
    this.#job.finished.then(
      () => this.#settle('done'),
      error => this.#settle({ error }),
    )
  }

  #settle(how: 'done' | { readonly error: unknown }): void {
    if (this.#settled !== 'running') return
    this.#settled = how
    const [first, ...others] = this.#waiting.splice(0)
    if (first === undefined) return
    if (how === 'done') first.resolve({ done: true, value: undefined })
    else {
      this.#settled = 'done'
      first.reject(how.error)
    }
    for (const { resolve } of others) resolve({ done: true, value: undefined })
  }

  // The sink's side.

  /** With checkpoints, only while the loop asks for more: a row is not done with before its body is through. */
  get ready(): boolean {
    if (this.#checkpointed && this.#settled === 'running') return this.#waiting.length > 0
    return this.#next >= this.#rows.length
  }

  open(context: WriterContext): SinkWriter {
    this.#updating = context.collection === 'updating'
    this.#wake = () => context.wake()
    this.#checkpointed = context.checkpointed
    this.#written = []
    this.#prepared = []
    const restored = context.restored ?? context.restoredAll?.[0]
    if (restored !== undefined) this.#restore(restored)
    return this
  }

  write(batch: Batch): void {
    if (this.#settled !== 'running') return
    if (this.#checkpointed) this.#written.push(compact(batch))
    else this.#hand(batch)
  }

  #hand(batch: Batch): void {
    if (this.#next >= this.#rows.length) {
      this.#rows = []
      this.#next = 0
    }
    this.#read ??= rowReader(batch.schema)
    for (let i = 0; i < batch.length; i++) {
      const row = this.#read(batch, batch.selection === null ? i : batch.selection[i])
      const weight = batch.weight(i)
      if (this.#updating) this.#give({ row, weight } as T)
      else for (let copy = 0; copy < weight; copy++) this.#give(row as T)
    }
  }

  #give(value: T): void {
    const waiting = this.#waiting.shift()
    if (waiting === undefined) this.#rows.push(value)
    else waiting.resolve({ done: false, value })
  }

  async prepareCommit(): Promise<readonly Json[]> {
    if (this.#written.length === 0) return []
    this.#prepared.push({ id: ++this.#count, batches: this.#written })
    this.#written = []
    return [this.#count]
  }
  snapshot(): WriterState {
    const open = [...this.#inHand, ...this.#prepared]
    const prepared = open.map(({ id, batches }) => ({ id, rows: rowsOf(batches) }))
    const batches = open.flatMap(p => p.batches)
    const meta: State = { count: this.#count, committed: this.#handed, prepared }
    return { meta, batch: batches.length === 0 ? null : concat(batches, batches[0].schema) }
  }
  async commit(handles: readonly Json[]): Promise<void> {
    for (const id of handles as readonly number[]) {
      const prepared = this.#prepared.find(other => other.id === id)
      if (prepared !== undefined) this.#handOver(prepared)
      else if (id > this.#handed) this.#owed.add(id)
    }
  }
  #restore({ meta, batch }: WriterState): void {
    const { count, committed, prepared } = meta as State
    this.#count = count
    let from = 0
    for (const { id, rows } of prepared) {
      if (id > this.#handed) this.#prepared.push({ id, batches: [compact(slice(batch!, from, from + rows))] })
      from += rows
    }
    for (const one of [...this.#prepared]) if (one.id <= committed || this.#owed.has(one.id)) this.#handOver(one)
    this.#owed.clear()
  }
  #handOver(one: Prepared): void {
    const { id, batches } = one
    this.#handed = id
    this.#inHand.push(one)
    this.#prepared = this.#prepared.filter(other => other.id > id) // handles are committed in their order
    if (this.#settled === 'running') for (const batch of batches) this.#hand(batch)
  }
  async abort(): Promise<void> {}
  async close(): Promise<void> {}
}

function rowsOf(batches: readonly Batch[]): number {
  return batches.reduce((sum, batch) => sum + batch.length, 0)
}
