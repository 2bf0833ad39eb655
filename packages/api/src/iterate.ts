/**
 * `for await` over a collection: a sink at one end, an async iterator at the other.
 *
 * The job starts with the first `next`. The sink takes a batch only when the rows of the last one have been consumed,
 * so a slow loop slows the sources. Leaving the loop cancels the job and waits for its clean-up; an error of the job
 * is thrown behind the last row that came before it.
 */
import type { Batch } from '@millrace/algebra'
import {
  type JobHandle,
  type Json,
  type RowReader,
  rowReader,
  type Sink,
  type SinkWriter,
  type WriterContext,
} from '@millrace/runtime'

interface Waiting<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void
  readonly reject: (reason: unknown) => void
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
    if (this.#settled === 'running') return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
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

  get ready(): boolean {
    return this.#next >= this.#rows.length
  }

  open(context: WriterContext): SinkWriter {
    this.#updating = context.collection === 'updating'
    this.#wake = () => context.wake()
    return this
  }

  write(batch: Batch): void {
    if (this.#settled !== 'running') return
    this.#rows = []
    this.#next = 0
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
    return []
  }
  async commit(): Promise<void> {}
  async abort(): Promise<void> {}
  async close(): Promise<void> {}
}
