/** Columns of numbers, times and truth values. */
import {
  BigintColumn,
  BooleanColumn,
  type Column,
  DoubleColumn,
  type Field,
  Int32Column,
  type Validity,
} from '@millrace/algebra'
import type { Zone } from '../parse/zone.ts'
import { ChunkColumn } from './chunk-column.ts'
import { toBigints, toDoubles, toInt32, toTimes, type Unfit } from './convert.ts'
import { isUnsigned, type Leaf } from './leaf.ts'
import { int96Times, isNumberType, rawBooleans, rawNumbers } from './raw-values.ts'
import { RleDecoder } from './rle-decoder.ts'

type Values = Int32Array | Float64Array | BigInt64Array | Uint8Array

/** Values converted a page or a dictionary at a time. */
export class NumberColumn extends ChunkColumn {
  readonly #leaf: Leaf
  readonly #zone: Zone | undefined
  #dictionary: Values = new Int32Array(0)
  #dictionaryUnfit: Unfit | undefined
  #page: Values = new Int32Array(0)
  #pageUnfit: Unfit | undefined
  #at = 0
  #out: Values | undefined

  constructor(field: Field, leaf: Leaf, zone: Zone) {
    super(field, leaf.optional)
    this.#leaf = leaf
    this.#zone = leaf.local ? zone : undefined
  }

  protected override setDictionary(values: Uint8Array, count: number): void {
    const unfit: Unfit = new Map()
    this.#dictionary = this.#convert(values, 'PLAIN', count, unfit)
    this.#dictionaryUnfit = unfit.size > 0 ? unfit : undefined
  }

  protected override setValues(values: Uint8Array, encoding: string, count: number): void {
    const unfit: Unfit = new Map()
    this.#page = this.#convert(values, encoding, count, unfit)
    this.#pageUnfit = unfit.size > 0 ? unfit : undefined
    this.#at = 0
  }

  protected override column(values: number, coded: boolean): Column {
    if (coded) return this.#gathered(values)
    const from = this.#at
    this.#at += values
    if (this.#pageUnfit !== undefined)
      for (const [index, shown] of this.#pageUnfit)
        if (index >= from && index < this.#at) this.unfit(index - from, shown)
    return columnOf(this.#page.subarray(from, this.#at), null)
  }

  protected override spread(column: Column, rows: number, present: Int32Array, validity: Validity): Column {
    const from = (column as Int32Column).values
    const to = arrayLike(from, rows)
    for (let row = 0, value = 0; row < rows; row++) if (present[row] === 1) to[row] = from[value++]!
    return columnOf(to, validity)
  }

  #gathered(values: number): Column {
    const dictionary = this.#dictionary
    const { codes } = this
    if (this.#out === undefined || this.#out.length < values || this.#out.constructor !== dictionary.constructor)
      this.#out = arrayLike(dictionary, Math.max(values, 1024))
    const out = this.#out
    gather(dictionary, codes, values, out)
    const unfit = this.#dictionaryUnfit
    if (unfit !== undefined)
      for (let row = 0; row < values; row++) {
        const shown = unfit.get(codes[row]!)
        if (shown !== undefined) this.unfit(row, shown)
      }
    return columnOf(out, null)
  }

  #convert(bytes: Uint8Array, encoding: string, count: number, unfit: Unfit): Values {
    const { element, time } = this.#leaf
    if (element.type === 'INT96') {
      if (encoding !== 'PLAIN') throw new RangeError(`unknown encoding: ${encoding} of INT96`)
      return int96Times(bytes, count)
    }
    if (!isNumberType(element.type)) throw new RangeError(`unknown type: ${element.type}`)
    const raw = rawNumbers(bytes, element.type, encoding, count)
    if (time !== undefined) return toTimes(raw, time, this.#zone)
    const { kind } = this.field.type
    const unsigned = isUnsigned(element)
    return kind === 'int32'
      ? toInt32(raw, unfit)
      : kind === 'bigint'
        ? toBigints(raw, unsigned)
        : toDoubles(raw, unsigned, unfit)
  }
}

export class BooleansColumn extends ChunkColumn {
  #page: Uint8Array = new Uint8Array(0)
  #at = 0

  protected override setDictionary(): void {
    throw new RangeError('a dictionary of BOOLEAN')
  }
  protected override setValues(values: Uint8Array, encoding: string, count: number): void {
    // RLE is preceded by its length
    this.#page = rawBooleans(values, encoding, count, to =>
      new RleDecoder(values, 4, values.length, 1).read(to, 0, count),
    )
    this.#at = 0
  }
  protected override column(values: number): Column {
    this.#at += values
    return new BooleanColumn(this.#page.subarray(this.#at - values, this.#at))
  }
  protected override spread(column: Column, rows: number, present: Int32Array, validity: Validity): Column {
    const from = (column as BooleanColumn).values
    const to = new Uint8Array(rows)
    for (let row = 0, value = 0; row < rows; row++) if (present[row] === 1) to[row] = from[value++]!
    return new BooleanColumn(to, validity)
  }
}

/** One loop a type of array, so that each has feedback of its own. Codes come from the file: each is checked. */
function gather(dictionary: Values, codes: Int32Array, count: number, out: Values): void {
  const size = dictionary.length
  let largest = 0
  for (let i = 0; i < count; i++) if (codes[i]! >>> 0 > largest) largest = codes[i]! >>> 0
  if (count > 0 && largest >= size) throw new RangeError(`a code of ${largest} for a dictionary of ${size}`)
  if (dictionary instanceof Float64Array) gatherDoubles(dictionary, codes, count, out as Float64Array)
  else if (dictionary instanceof Int32Array) gatherInts(dictionary, codes, count, out as Int32Array)
  else gatherBigints(dictionary as BigInt64Array, codes, count, out as BigInt64Array)
}

function gatherDoubles(dictionary: Float64Array, codes: Int32Array, count: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) out[i] = dictionary[codes[i]!]!
}

function gatherInts(dictionary: Int32Array, codes: Int32Array, count: number, out: Int32Array): void {
  for (let i = 0; i < count; i++) out[i] = dictionary[codes[i]!]!
}

/** Without making a BigInt a row: by halves. */
function gatherBigints(dictionary: BigInt64Array, codes: Int32Array, count: number, out: BigInt64Array): void {
  const from = new Int32Array(dictionary.buffer, dictionary.byteOffset, dictionary.length * 2)
  const to = new Int32Array(out.buffer, out.byteOffset, out.length * 2)
  for (let i = 0; i < count; i++) {
    const code = codes[i]!
    to[2 * i] = from[2 * code]!
    to[2 * i + 1] = from[2 * code + 1]!
  }
}

function arrayLike(like: Values, length: number): Values {
  if (like instanceof Float64Array) return new Float64Array(length)
  if (like instanceof Int32Array) return new Int32Array(length)
  return new BigInt64Array(length)
}

function columnOf(values: Values, validity: Validity): Column {
  if (values instanceof Float64Array) return new DoubleColumn(values, validity)
  if (values instanceof Int32Array) return new Int32Column(values, validity)
  return new BigintColumn(values as BigInt64Array, validity)
}
