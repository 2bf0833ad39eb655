/** Columns that are filled from the bytes of JSON values, one after another; what is odd is `put` in as a value instead. */
import type { Column, Field } from '@millrace/algebra'
import { ValidityBits } from '../columns/validity-bits.ts'

type FixedArray = Int32Array | Float64Array | BigInt64Array | Uint8Array

export abstract class JsonColumn {
  readonly field: Field

  constructor(field: Field) {
    this.field = field
  }
  /** Takes the value that begins at a byte, as that of the next row; the position behind it, or `ODD` and nothing is taken. */
  abstract parse(bytes: Uint8Array, at: number, row: number): number
  /** Takes a value that is known to fit. */
  abstract put(value: unknown, row: number): void
  /** Only of a nullable column. */
  abstract putAbsent(row: number): void
  /** Forgets what was taken from this row on, if anything. */
  abstract truncate(row: number): void
  /** Empties the column, which is to have room for so many rows. */
  abstract begin(rows: number): void
  /** The rows, as a column that is valid until the next change. */
  abstract build(rows: number): Column
}

/** A column of numbers, times or truth values. */
export abstract class FixedJsonColumn<A extends FixedArray> extends JsonColumn {
  protected values: A
  protected readonly validity = new ValidityBits()

  constructor(field: Field, values: A) {
    super(field)
    this.values = values
  }
  override put(value: unknown, row: number): void {
    this.values[row] = value as number
  }
  override putAbsent(row: number): void {
    this.validity.setAbsent(row)
  }
  override truncate(row: number): void {
    this.validity.setPresent(row)
  }
  override begin(rows: number): void {
    if (rows > this.values.length) this.values = this.allocate(rows)
    this.validity.clear()
  }
  protected abstract allocate(rows: number): A
}
