/** A column of each type from JSON. What it takes beyond the plain form (see `jsonLines`) is odd, and comes as a value. */
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  type Column,
  DoubleColumn,
  type Field,
  Int32Column,
} from '@millrace/algebra'
import { TextColumn } from '../columns/text-column.ts'
import { latin1 } from '../parse/number.ts'
import { parseTimestamp } from '../parse/timestamp.ts'
import type { Zone } from '../parse/zone.ts'
import { FixedJsonColumn, JsonColumn } from './json-column.ts'
import { parsed, passEscaped, passNested } from './nested.ts'
import { passNumber } from './pass-number.ts'
import { passWord, words } from './pass-word.ts'
import { ODD, passString } from './scan.ts'
import { behind, scanDouble, scanInt32 } from './scan-number.ts'
import { passValue } from './scan-value.ts'

const QUOTE = 34
/** Digits of an integer that is surely less than 2^63. */
const BIGINT_DIGITS = 18

export function jsonColumn(field: Field, zone: Zone): JsonColumn {
  switch (field.type.kind) {
    case 'int32':
      return new JsonInt32(field, new Int32Array(0))
    case 'double':
      return new JsonDouble(field, new Float64Array(0))
    case 'timestamp':
      return new JsonTimestamp(field, zone)
    case 'bigint':
      return new JsonBigint(field, new BigInt64Array(0))
    case 'boolean':
      return new JsonBoolean(field, new Uint8Array(0))
    case 'text':
      return new JsonText(field)
    case 'any':
      return new JsonAny(field)
  }
}

class JsonInt32 extends FixedJsonColumn<Int32Array> {
  override parse(bytes: Uint8Array, at: number, row: number): number {
    this.values[row] = scanInt32(bytes, at)
    return behind.at
  }
  override build(rows: number): Column {
    return new Int32Column(this.values, this.validity.build(rows))
  }
  protected override allocate(rows: number): Int32Array {
    return new Int32Array(rows)
  }
}

class JsonDouble extends FixedJsonColumn<Float64Array> {
  override parse(bytes: Uint8Array, at: number, row: number): number {
    this.values[row] = scanDouble(bytes, at)
    return behind.at
  }
  override build(rows: number): Column {
    return new DoubleColumn(this.values, this.validity.build(rows))
  }
  protected override allocate(rows: number): Float64Array {
    return new Float64Array(rows)
  }
}

class JsonTimestamp extends FixedJsonColumn<Float64Array> {
  readonly #zone: Zone

  constructor(field: Field, zone: Zone) {
    super(field, new Float64Array(0))
    this.#zone = zone
  }
  override parse(bytes: Uint8Array, at: number, row: number): number {
    if (bytes[at] !== QUOTE) {
      this.values[row] = scanDouble(bytes, at)
      return behind.at
    }
    const end = passString(bytes, at)
    if (end === ODD || end - at > 64) return ODD
    const time = parseTimestamp(bytes, at + 1, end - 1, this.#zone)
    this.values[row] = time
    return Number.isNaN(time) ? ODD : end
  }
  override build(rows: number): Column {
    return new DoubleColumn(this.values, this.validity.build(rows))
  }
  protected override allocate(rows: number): Float64Array {
    return new Float64Array(rows)
  }
}

/** Integers as numbers or, beyond what others read exactly, in quotes. */
class JsonBigint extends FixedJsonColumn<BigInt64Array> {
  override parse(bytes: Uint8Array, at: number, row: number): number {
    const quoted = bytes[at] === QUOTE
    const from = quoted ? at + 1 : at
    const end = passNumber(bytes, from)
    if (end === ODD || end - from > BIGINT_DIGITS || (quoted && bytes[end] !== QUOTE)) return ODD
    for (let i = from + 1; i < end; i++) if (!(bytes[i]! >= 48 && bytes[i]! <= 57)) return ODD
    this.values[row] = BigInt(latin1(bytes, from, end))
    return quoted ? end + 1 : end
  }
  override put(value: unknown, row: number): void {
    this.values[row] = value as bigint
  }
  override build(rows: number): Column {
    return new BigintColumn(this.values, this.validity.build(rows))
  }
  protected override allocate(rows: number): BigInt64Array {
    return new BigInt64Array(rows)
  }
}

class JsonBoolean extends FixedJsonColumn<Uint8Array> {
  override parse(bytes: Uint8Array, at: number, row: number): number {
    const isTrue = bytes[at] === 0x74
    this.values[row] = isTrue ? 1 : 0
    return passWord(bytes, at, isTrue ? words.true : words.false)
  }
  override put(value: unknown, row: number): void {
    this.values[row] = value === true ? 1 : 0
  }
  override build(rows: number): Column {
    return new BooleanColumn(this.values, this.validity.build(rows))
  }
  protected override allocate(rows: number): Uint8Array {
    return new Uint8Array(rows)
  }
}

class JsonText extends JsonColumn {
  readonly #column = new TextColumn()

  override parse(bytes: Uint8Array, at: number): number {
    const end = passString(bytes, at)
    if (end === ODD) return this.#parseEscaped(bytes, at)
    this.#column.append(bytes, at + 1, end - 1)
    return end
  }
  override put(value: unknown): void {
    this.#column.appendText(value as string)
  }
  override putAbsent(): void {
    this.#column.appendAbsent()
  }
  override truncate(row: number): void {
    this.#column.truncate(row)
  }
  override begin(): void {
    this.#column.clear()
  }
  override build(): Column {
    return this.#column.build()
  }

  #parseEscaped(bytes: Uint8Array, at: number): number {
    if (bytes[at] !== QUOTE) return ODD
    const end = passEscaped(bytes, at)
    const text = end === ODD ? undefined : parsed(bytes, at, end)
    if (typeof text !== 'string') return ODD
    this.#column.appendText(text)
    return end
  }
}

class JsonAny extends JsonColumn {
  #values: unknown[] = []

  override parse(bytes: Uint8Array, at: number): number {
    const nested = bytes[at] === QUOTE || bytes[at] === 0x7b || bytes[at] === 0x5b
    const end = nested ? passNested(bytes, at) : passValue(bytes, at)
    const value = end === ODD ? undefined : parsed(bytes, at, end, true)
    if (value === undefined) return ODD
    this.#values.push(value)
    return end
  }
  override put(value: unknown): void {
    this.#values.push(value)
  }
  override putAbsent(): void {
    this.#values.push(null)
  }
  override truncate(row: number): void {
    if (this.#values.length > row) this.#values.length = row
  }
  override begin(): void {
    this.#values = []
  }
  override build(): Column {
    return new AnyColumn(this.#values)
  }
}
