/**
 * The sink behind `collect()`: rows as JavaScript values.
 *
 * Of an updating collection the final rows are wanted, so changes are added up as a Z-set. They are consolidated
 * whenever as many are pending as rows were left the last time, which keeps memory in proportion to the result and
 * costs a constant number of passes a change. A checkpoint has all rows so far.
 */
import { type Batch, BatchBuilder, compact, concat, consolidate, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Json,
  type RowReader,
  rowReader,
  type Sink,
  type SinkWriter,
  type WriterContext,
  type WriterState,
} from '@millrace/runtime'

const LEAST_PENDING = 8192

export class CollectSink<T> implements Sink, SinkWriter {
  readonly label = 'collect'
  readonly takes = ['bounded', 'appending', 'updating'] as const
  readonly place = 'caller'
  readonly ready = true
  #rows: T[] = []
  #schema: Schema = Schema.opaque
  #read: RowReader | undefined
  #updating = false
  #pending: Batch[] = []
  #pendingRows = 0
  #settledRows = 0

  open(context: WriterContext): SinkWriter {
    const batch = (context.restored ?? context.restoredAll?.[0])?.batch ?? null
    this.#updating = context.collection === 'updating'
    this.#schema = context.schema
    this.#rows = []
    this.#pending = []
    this.#pendingRows = this.#settledRows = 0
    if (batch !== null) this.write(batch)
    return this
  }

  write(batch: Batch): void {
    if (!this.#updating) {
      this.#push(batch)
      return
    }
    this.#pending.push(compact(batch))
    this.#pendingRows += batch.length
    if (this.#pendingRows > Math.max(LEAST_PENDING, 2 * this.#settledRows)) this.#settle()
  }

  /** Rows and changes in memory now. */
  get held(): number {
    return this.#rows.length + this.#pendingRows
  }

  /** The result, once the job has finished. */
  rows(): T[] {
    if (this.#pending.length > 0) {
      this.#push(this.#settle())
      this.#pending = []
      this.#pendingRows = 0
    }
    return this.#rows
  }

  #settle(): Batch {
    const [first] = this.#pending
    const settled = compact(consolidate(concat(this.#pending, first.schema)))
    this.#pending = [settled]
    this.#pendingRows = this.#settledRows = settled.length
    return settled
  }

  #push(batch: Batch): void {
    this.#read ??= rowReader(batch.schema)
    for (let i = 0; i < batch.length; i++) {
      const row = this.#read(batch, batch.selection === null ? i : batch.selection[i]) as T
      const weight = batch.weight(i)
      if (weight < 0) throw new MillraceError('INTERNAL', `invalid weight of a final row: ${weight}`)
      for (let copy = 0; copy < weight; copy++) this.#rows.push(row)
    }
  }

  async prepareCommit(): Promise<readonly Json[]> {
    return []
  }
  snapshot(): WriterState {
    if (this.#updating) return { meta: null, batch: this.#pending.length === 0 ? null : this.#settle() }
    const builder = new BatchBuilder(this.#schema)
    for (const row of this.#rows) builder.append(row)
    return { meta: null, batch: builder.take() }
  }
  async commit(): Promise<void> {}
  async abort(): Promise<void> {}
  async close(): Promise<void> {}
}
