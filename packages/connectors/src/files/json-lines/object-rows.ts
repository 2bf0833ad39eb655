/**
 * Rows of declared columns from lines of JSON, byte by byte, with no value made on the way.
 *
 * Each object is walked once. Its properties are expected in the order of the columns, then looked for among them all, and
 * what belongs to no column is passed over. Anything out of the ordinary (an escape in a name, a name given twice, a
 * value that the column does not take in its plain form) leaves the row as if it had not been touched, and the caller
 * parses it as text; so there is one place that knows what is an error, and this is not it.
 */
import type { Column, Schema } from '@millrace/algebra'
import type { Zone } from '../parse/zone.ts'
import { isWellFormed } from '../well-formed.ts'
import type { JsonColumn } from './json-column.ts'
import { jsonColumn } from './json-columns.ts'
import { passWord, words } from './pass-word.ts'
import { ODD, passSpace, passString } from './scan.ts'
import { passValue } from './scan-value.ts'

const UNKNOWN = -2
const LF = 10
const SPACE = 32
const COMMA = 44
const COLON = 58
const LETTER_N = 110
const OPEN = 123
const CLOSE = 125

export class ObjectRows {
  /** Rows taken. */
  rows = 0
  readonly #columns: readonly JsonColumn[]
  /** Per column its name in quotes; empty if bytes cannot say it. */
  readonly #names: readonly Uint8Array[]
  /** Per column the number of the attempt that met it last. */
  readonly #metIn: Float64Array
  #attempt = 0
  /** Columns met in this attempt. */
  #met = 0
  /** Behind the name found last. */
  #behind = 0

  constructor(schema: Schema, zone: Zone) {
    this.#columns = schema.fields.map(f => jsonColumn(f, zone))
    this.#names = schema.fields.map(({ name }) => Buffer.from(isWellFormed(name) ? `"${name}"` : ''))
    this.#metIn = new Float64Array(schema.fields.length)
  }

  begin(maxRows: number): void {
    this.rows = 0
    for (const column of this.#columns) column.begin(maxRows)
  }
  build(): Column[] {
    return this.#columns.map(column => column.build(this.rows))
  }

  /** Takes a line; returns where the next begins, or `ODD` if it is not plain and nothing was taken. */
  take(bytes: Uint8Array, start: number): number {
    this.#attempt++
    this.#met = 0
    const at = this.#object(bytes, passSpace(bytes, start))
    if (at !== ODD) {
      const end = passSpace(bytes, at)
      if (bytes[end] === LF && (this.#met === this.#columns.length || this.#fillAbsent())) {
        this.rows++
        return end + 1
      }
    }
    for (const column of this.#columns) column.truncate(this.rows)
    return ODD
  }

  /** Takes a row by its values, which are known to fit; null is absent. */
  put(value: (column: number) => unknown): void {
    for (const [c, column] of this.#columns.entries()) {
      const given = value(c)
      if (given === null || given === undefined) column.putAbsent(this.rows)
      else column.put(given, this.rows)
    }
    this.rows++
  }

  #object(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== OPEN) return ODD
    let at = passSpace(bytes, from + 1)
    if (bytes[at] === CLOSE) return at + 1
    for (let next = 0; ; next++) {
      const c = this.#find(bytes, at, next)
      if (c === ODD) return ODD
      at = this.#behind
      if (bytes[at] !== COLON) at = passSpace(bytes, at)
      if (bytes[at++] !== COLON) return ODD
      if (bytes[at]! <= SPACE) at = passSpace(bytes, at)
      if (c === UNKNOWN) at = passValue(bytes, at)
      else {
        at = this.#value(bytes, at, c)
        next = c
      }
      if (at === ODD) return ODD
      let byte = bytes[at]!
      if (byte <= SPACE) {
        at = passSpace(bytes, at)
        byte = bytes[at]!
      }
      at++
      if (byte !== COMMA) return byte === CLOSE ? at : ODD
      if (bytes[at]! <= SPACE) at = passSpace(bytes, at)
    }
  }

  #value(bytes: Uint8Array, at: number, c: number): number {
    if (this.#metIn[c] === this.#attempt) return ODD
    this.#metIn[c] = this.#attempt
    this.#met++
    const column = this.#columns[c]!
    if (bytes[at] !== LETTER_N) return column.parse(bytes, at, this.rows)
    const behind = column.field.nullable ? passWord(bytes, at, words.null) : ODD
    if (behind !== ODD) column.putAbsent(this.rows)
    return behind
  }

  /** The column of the name that begins at a byte, which is likely to be `next`. */
  #find(bytes: Uint8Array, at: number, next: number): number {
    const names = this.#names
    if (next < names.length && this.#isName(bytes, at, names[next]!)) return next
    for (let c = 0; c < names.length; c++) if (c !== next && this.#isName(bytes, at, names[c]!)) return c
    this.#behind = passString(bytes, at)
    return this.#behind === ODD ? ODD : UNKNOWN
  }

  #isName(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
    const { length } = name
    for (let i = 0; i < length; i++) if (bytes[at + i] !== name[i]) return false
    this.#behind = at + length
    return length > 0
  }

  #fillAbsent(): boolean {
    const columns = this.#columns
    for (let c = 0; c < columns.length; c++) {
      if (this.#metIn[c] === this.#attempt) continue
      if (!columns[c]!.field.nullable) return false
      columns[c]!.putAbsent(this.rows)
    }
    return true
  }
}
