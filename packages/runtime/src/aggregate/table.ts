/**
 * What the loops of aggregates work on: a *table* is state columns by key id with a presence byte and the list of ids
 * touched.
 */
import type { Batch } from '@millrace/algebra'
import type { StateArray } from '../state/arrays.ts'
import type { Accumulator } from './accumulator.ts'

/** One aggregate of an operator: an accumulator and the batch column it reads (-1: none). */
export interface Aggregate {
  readonly accumulator: Accumulator
  readonly column: number
}

export interface Table {
  readonly arrays: readonly StateArray[]
  /** 1 where a key has a row. */
  readonly present: Uint8Array
  /** Keys with a row; the first `size` count. */
  readonly touched: Int32Array
  size: number
}

/** Adds rows `rows[0..length)` of the batch (null: all of them) to the accumulators of their key ids. */
export type AddRows = (batch: Batch, ids: Int32Array, rows: Int32Array | null, length: number, into: Table) => void

/** Merges every row of `from` into `into`. */
export type MergeTable = (from: Table, into: Table) => void
