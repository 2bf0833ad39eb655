/**
 * Column builders: where JavaScript values become columns.
 *
 * One class a data type, each with the same shape for life, so that a caller that keeps a builder in a variable of its
 * own (generated row setters, parsers) gets inlined, monomorphic appends. Every value is checked against its type:
 * what does not fit is a `ValueError`; nothing is rounded, wrapped or converted. A builder grows as needed, its
 * capacity is only where it starts.
 */
import type { Column } from '../column.ts'

export interface ColumnBuilder {
  /** Rows appended since the last `clear` or `take`. */
  readonly length: number
  /** Appends one value; null and undefined are absent. Throws `ValueError` and stays as it was. */
  append(value: unknown): void
  /** Appends an absent value. Throws `ValueError` if the column is not nullable. */
  appendNull(): void
  /** Forgets all rows from `length` on: a row that failed half-way is taken back. */
  truncate(length: number): void
  /** What was appended, as a column that is valid until the next append, truncate or clear. */
  build(): Column
  /** What was appended, as a column of its own; the builder starts anew with fresh arrays. */
  take(): Column
  /** Forgets all rows; arrays are kept for reuse. */
  clear(): void
}
