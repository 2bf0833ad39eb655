/** Columns of numbers, times and truth values from the fields of a block. Each has its own loop, for its own feedback. */
import { BigintColumn, BooleanColumn, type Column, DoubleColumn, type Field, Int32Column } from '@millrace/algebra'
import { ValidityBits } from '../columns/validity-bits.ts'
import { doubleHint, latin1, parseBigint, parseDouble, parseInt32 } from '../parse/number.ts'
import { parseTimestamp } from '../parse/timestamp.ts'
import type { Zone } from '../parse/zone.ts'
import { type CellContext, isNull } from './cells.ts'

export interface CellColumn {
  /** Parses the fields of one wanted column in all rows of the block; bad ones are noted. */
  parse(bytes: Uint8Array, slot: number, context: CellContext): void
  /** The column, valid until the next `parse`. */
  build(): Column
}

type FixedArray = Int32Array | Float64Array | BigInt64Array | Uint8Array

abstract class FixedCells<A extends FixedArray> implements CellColumn {
  protected readonly field: Field
  protected readonly validity = new ValidityBits()
  protected values: A
  protected rows = 0

  constructor(field: Field, values: A) {
    this.field = field
    this.values = values
  }
  abstract parse(bytes: Uint8Array, slot: number, context: CellContext): void
  abstract build(): Column
  protected abstract allocate(rows: number): A

  protected begin({ tokens }: CellContext): void {
    this.rows = tokens.rows
    if (this.rows > this.values.length) this.values = this.allocate(this.rows)
    this.validity.clear()
  }
  /** What to do with a field that could not be parsed: it is an absent value, or a bad one. */
  protected refuse(bytes: Uint8Array, row: number, slot: number, context: CellContext): void {
    const cell = row * context.tokens.width + slot
    const absent = isNull(context, bytes, cell)
    if (absent && this.field.nullable) return this.validity.setAbsent(row)
    context.bad.push({
      row,
      slot,
      expected: this.field.type.kind,
      hint: this.hint(bytes, cell, context),
      missing: absent,
    })
  }
  protected hint(_bytes: Uint8Array, _cell: number, _context: CellContext): string {
    return ''
  }
}

export class Int32Cells extends FixedCells<Int32Array> {
  constructor(field: Field) {
    super(field, new Int32Array(1024))
  }
  override parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    this.begin(context)
    const { starts, ends, width } = context.tokens
    const { values } = this
    for (let row = 0, cell = slot; row < this.rows; row++, cell += width) {
      const value = parseInt32(bytes, starts[cell]!, ends[cell]!)
      if (!Number.isNaN(value)) values[row] = value
      else this.refuse(bytes, row, slot, context)
    }
  }
  override build(): Column {
    return new Int32Column(this.values, this.validity.build(this.rows))
  }
  protected override allocate(rows: number): Int32Array {
    return new Int32Array(rows)
  }
}

export class DoubleCells extends FixedCells<Float64Array> {
  constructor(field: Field) {
    super(field, new Float64Array(1024))
  }
  override parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    this.begin(context)
    const { starts, ends, width } = context.tokens
    const { values } = this
    for (let row = 0, cell = slot; row < this.rows; row++, cell += width) {
      const value = parseDouble(bytes, starts[cell]!, ends[cell]!)
      if (value !== undefined) values[row] = value
      else this.refuse(bytes, row, slot, context)
    }
  }
  override build(): Column {
    return new DoubleColumn(this.values, this.validity.build(this.rows))
  }
  protected override allocate(rows: number): Float64Array {
    return new Float64Array(rows)
  }
  protected override hint(bytes: Uint8Array, cell: number, { tokens }: CellContext): string {
    return doubleHint(latin1(bytes, tokens.starts[cell]!, tokens.ends[cell]!))
  }
}

export class TimestampCells extends FixedCells<Float64Array> {
  readonly #zone: Zone
  constructor(field: Field, zone: Zone) {
    super(field, new Float64Array(1024))
    this.#zone = zone
  }
  override parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    this.begin(context)
    const { starts, ends, width } = context.tokens
    const { values } = this
    for (let row = 0, cell = slot; row < this.rows; row++, cell += width) {
      const value = parseTimestamp(bytes, starts[cell]!, ends[cell]!, this.#zone)
      if (!Number.isNaN(value)) values[row] = value
      else this.refuse(bytes, row, slot, context)
    }
  }
  override build(): Column {
    return new DoubleColumn(this.values, this.validity.build(this.rows))
  }
  protected override allocate(rows: number): Float64Array {
    return new Float64Array(rows)
  }
}

export class BigintCells extends FixedCells<BigInt64Array> {
  constructor(field: Field) {
    super(field, new BigInt64Array(1024))
  }
  override parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    this.begin(context)
    const { starts, ends, width } = context.tokens
    const { values } = this
    for (let row = 0, cell = slot; row < this.rows; row++, cell += width) {
      const value = parseBigint(bytes, starts[cell]!, ends[cell]!)
      if (value !== undefined) values[row] = value
      else this.refuse(bytes, row, slot, context)
    }
  }
  override build(): Column {
    return new BigintColumn(this.values, this.validity.build(this.rows))
  }
  protected override allocate(rows: number): BigInt64Array {
    return new BigInt64Array(rows)
  }
}

/** `true` and `false` in any case, `1` and `0`. */
export class BooleanCells extends FixedCells<Uint8Array> {
  constructor(field: Field) {
    super(field, new Uint8Array(1024))
  }
  override parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    this.begin(context)
    const { starts, ends, width } = context.tokens
    const { values } = this
    for (let row = 0, cell = slot; row < this.rows; row++, cell += width) {
      const text = latin1(bytes, starts[cell]!, ends[cell]!).trim().toLowerCase()
      const value = text === 'true' || text === '1' ? 1 : text === 'false' || text === '0' ? 0 : -1
      if (value >= 0) values[row] = value
      else this.refuse(bytes, row, slot, context)
    }
  }
  override build(): Column {
    return new BooleanColumn(this.values, this.validity.build(this.rows))
  }
  protected override allocate(rows: number): Uint8Array {
    return new Uint8Array(rows)
  }
}
