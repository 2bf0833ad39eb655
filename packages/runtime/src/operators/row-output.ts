/**
 * The way out for rows that are JavaScript values: they become columns of a declared schema, or one opaque column, and
 * leave in batches.
 */
import { BATCH_ROWS, BatchBuilder, type Schema } from '@millrace/algebra'
import type { OperatorContext } from '../operator.ts'

export class RowOutput {
  readonly #builder: BatchBuilder
  readonly #context: OperatorContext
  readonly #port: number

  constructor(schema: Schema, context: OperatorContext, port = 0, batchRows = BATCH_ROWS) {
    this.#builder = new BatchBuilder(schema, batchRows)
    this.#context = context
    this.#port = port
  }

  /** Sends the batch off when it is full. Rows with a time and rows without do not mix between two `flush`es. */
  add(row: unknown, time: number | undefined, weight = 1): void {
    this.#builder.append(row, weight, time)
    if (this.#builder.full) this.flush()
  }

  flush(): void {
    if (this.#builder.length === 0) return
    this.#context.emit(this.#builder.build(), this.#port)
    this.#builder.clear()
  }
}
