/**
 * Where a chain's loop writes: reused arrays, one set a computed column, addressed by the physical row they were
 * computed from, so that columns passed through and columns computed share one selection. Chains that may give
 * several rows for one (`flatMap`) write densely instead.
 */
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  type Field,
  Int32Column,
} from '@millrace/algebra'

/** Distinct values after which a text column begins a new dictionary, between two batches. */
const DICTIONARY_LIMIT = 1 << 16

type Values = Int32Array | Float64Array | BigInt64Array | Uint8Array | unknown[]

/** One computed column. */
export class OutputColumn {
  readonly field: Field
  values: Values
  validity: Uint8Array
  #dictionary = new Dictionary()
  #codes = new Map<string, number>()

  constructor(field: Field, rows: number) {
    this.field = field
    this.values = arrayFor(field, rows)
    this.validity = new Uint8Array(bitmapBytes(rows))
  }

  /** Called before each batch: room for `rows`, and all of them absent until set. */
  prepare(rows: number): void {
    if (this.values.length < rows) {
      this.values = arrayFor(this.field, rows)
      this.validity = new Uint8Array(bitmapBytes(rows))
    }
    if (this.field.nullable) this.validity.fill(0, 0, bitmapBytes(rows))
    if (this.#dictionary.values.length >= DICTIONARY_LIMIT) {
      this.#dictionary = new Dictionary()
      this.#codes = new Map()
    }
  }

  /** The code of a text value. */
  readonly code = (text: string): number => {
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    const code = this.#dictionary.values.length
    this.#dictionary.values.push(text)
    this.#codes.set(text, code)
    return code
  }

  column(): Column {
    const validity = this.field.nullable ? this.validity : null
    switch (this.field.type.kind) {
      case 'int32':
        return new Int32Column(this.values as Int32Array, validity)
      case 'double':
      case 'timestamp':
        return new DoubleColumn(this.values as Float64Array, validity)
      case 'bigint':
        return new BigintColumn(this.values as BigInt64Array, validity)
      case 'boolean':
        return new BooleanColumn(this.values as Uint8Array, validity)
      case 'text':
        return new DictionaryColumn(this.values as Int32Array, this.#dictionary, validity)
      case 'any':
        return new AnyColumn(this.values as unknown[])
    }
  }
}

function arrayFor(field: Field, rows: number): Values {
  switch (field.type.kind) {
    case 'int32':
    case 'text':
      return new Int32Array(rows)
    case 'double':
    case 'timestamp':
      return new Float64Array(rows)
    case 'bigint':
      return new BigInt64Array(rows)
    case 'boolean':
      return new Uint8Array(rows)
    case 'any':
      return new Array(rows).fill(undefined)
  }
}
