/**
 * Columns: the one representation of data in memory.
 *
 * A column is a few typed arrays addressed by *physical* row. It does not know how many rows are in use (the batch
 * does): its arrays may be longer. Columns are plain holders that hot loops take apart once a batch; `get` is for
 * the edges, tests and error messages.
 *
 * Validity is a bitmap, least significant bit first, 1 = present; `null` = every row is present. What an absent row
 * holds in the value arrays is unspecified.
 */
import { decodeUtf8 } from './utf8.ts'

export type Validity = Uint8Array | null

export function isValid(validity: Validity, row: number): boolean {
  return validity === null || (validity[row >>> 3] & (1 << (row & 7))) !== 0
}

export function setValid(validity: Uint8Array, row: number, valid: boolean): void {
  if (valid) validity[row >>> 3] |= 1 << (row & 7)
  else validity[row >>> 3] &= ~(1 << (row & 7))
}

export function bitmapBytes(rows: number): number {
  return (rows + 7) >>> 3
}

export class Int32Column {
  readonly kind = 'int32'
  readonly values: Int32Array
  readonly validity: Validity
  constructor(values: Int32Array, validity: Validity = null) {
    this.values = values
    this.validity = validity
  }
  get(row: number): number | null {
    return isValid(this.validity, row) ? this.values[row] : null
  }
}

/** Holds `double` and `timestamp` values. */
export class DoubleColumn {
  readonly kind = 'double'
  readonly values: Float64Array
  readonly validity: Validity
  constructor(values: Float64Array, validity: Validity = null) {
    this.values = values
    this.validity = validity
  }
  get(row: number): number | null {
    return isValid(this.validity, row) ? this.values[row] : null
  }
}

export class BigintColumn {
  readonly kind = 'bigint'
  readonly values: BigInt64Array
  readonly validity: Validity
  constructor(values: BigInt64Array, validity: Validity = null) {
    this.values = values
    this.validity = validity
  }
  get(row: number): bigint | null {
    return isValid(this.validity, row) ? this.values[row] : null
  }
}

/** One byte a row: 0 or 1. */
export class BooleanColumn {
  readonly kind = 'boolean'
  readonly values: Uint8Array
  readonly validity: Validity
  constructor(values: Uint8Array, validity: Validity = null) {
    this.values = values
    this.validity = validity
  }
  get(row: number): boolean | null {
    return isValid(this.validity, row) ? this.values[row] !== 0 : null
  }
}

/**
 * The distinct values behind the codes of dictionary columns. Append-only: a code, once given, means one string for
 * as long as the dictionary lives, so that readers may cache what they derive from a code (hashes, key ids) by the
 * dictionary's identity.
 */
export class Dictionary {
  readonly values: string[]
  constructor(values: string[] = []) {
    this.values = values
  }
}

/** Text as codes into a dictionary. */
export class DictionaryColumn {
  readonly kind = 'dictionary'
  readonly codes: Int32Array
  readonly dictionary: Dictionary
  readonly validity: Validity
  constructor(codes: Int32Array, dictionary: Dictionary, validity: Validity = null) {
    this.codes = codes
    this.dictionary = dictionary
    this.validity = validity
  }
  get(row: number): string | null {
    return isValid(this.validity, row) ? this.dictionary.values[this.codes[row]] : null
  }
}

/**
 * Text as views into a heap of UTF-8: row i is `lengths[i]` bytes from word `starts[i]` (a 4-byte unit) of `heap`.
 * Strings begin on word boundaries so that a gather, a hash and a comparison work by words; rows may overlap and
 * share, so that a gather copies no text at all. Bytes behind a string in its last word are unspecified: readers
 * mask them. Lone surrogates are encoded as the three bytes UTF-8 would give them (WTF-8), so every JavaScript
 * string survives.
 */
export class Utf8Column {
  readonly kind = 'utf8'
  readonly starts: Int32Array
  readonly lengths: Int32Array
  readonly heap: Int32Array
  readonly validity: Validity
  constructor(starts: Int32Array, lengths: Int32Array, heap: Int32Array, validity: Validity = null) {
    this.starts = starts
    this.lengths = lengths
    this.heap = heap
    this.validity = validity
  }
  get(row: number): string | null {
    return isValid(this.validity, row) ? decodeUtf8(this.heap, this.starts[row], this.lengths[row]) : null
  }
}

/** Opaque JavaScript values; `undefined` and `null` both count as absent, and need no bitmap. */
export class AnyColumn {
  readonly kind = 'any'
  readonly values: unknown[]
  readonly validity: Validity = null
  constructor(values: unknown[]) {
    this.values = values
  }
  get(row: number): unknown {
    return this.values[row]
  }
}

export type Column =
  | Int32Column
  | DoubleColumn
  | BigintColumn
  | BooleanColumn
  | DictionaryColumn
  | Utf8Column
  | AnyColumn

export type ColumnKind = Column['kind']
