import type { Schema } from '@millrace/algebra'

/** The rows that a user's function is given: their schema, and which columns of the operator's input they are made of. */
export interface RowSource {
  readonly schema: Schema
  readonly columns: readonly number[]
}
