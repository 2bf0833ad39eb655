/**
 * Adds the values of one column, each times the column's factor, to the hashes of the rows.
 *
 * `rows` is the selection, null if row i is row i. Dense columns without nulls, which are nearly all there are, have
 * loops of their own; those of numbers take four rows at a time, because V8 checks an array anew in every turn
 * (1.8 ns a row against 1.2).
 */
import {
  type BigintColumn,
  type BooleanColumn,
  type Column,
  type Dictionary,
  type DictionaryColumn,
  type DoubleColumn,
  type Int32Column,
  isValid,
} from '@millrace/algebra'
import { hashBigint, hashBoolean, NUMBER_SALT } from './scalar-hash.ts'
import { addTexts, hashString } from './text-hash.ts'
import { hashValue } from './value-hash.ts'
import type { VectorHash } from './vector-hash.ts'

type Rows = Int32Array | null

/** `vector`, if given, has these hashes and can do the same for whole columns. */
export function addColumn(
  hashes: Int32Array,
  column: Column,
  rows: Rows,
  count: number,
  factor: number,
  vector?: VectorHash,
): void {
  if (column.validity !== null) addNullable(hashes, column, rows, count, factor)
  else if (vector === undefined || !addWhole(vector, column, count, factor))
    addPresent(hashes, column, rows, count, factor)
}

/** False if it is not done. */
function addWhole(vector: VectorHash, column: Column, count: number, factor: number): boolean {
  switch (column.kind) {
    case 'int32':
      vector.addInt32(column, count, factor, Math.imul(NUMBER_SALT, factor))
      return true
    case 'double':
      vector.addDouble(column, count, factor)
      return true
    case 'dictionary': {
      const { dictionary } = column
      return vector.addCodes(column, dictionaryHashes(dictionary), dictionary.values.length, count, factor)
    }
    case 'utf8':
      return vector.addTexts(column, count, factor)
    default:
      return false
  }
}

/** Of rows that are all there. */
function addPresent(hashes: Int32Array, column: Column, rows: Rows, count: number, factor: number): void {
  switch (column.kind) {
    case 'any':
      return addAny(hashes, column.values, rows, count, factor)
    case 'int32':
      return addInt32(hashes, column, rows, count, factor)
    case 'double':
      return addDouble(hashes, column, rows, count, factor)
    case 'dictionary':
      return addDictionary(hashes, column, rows, count, factor)
    case 'utf8':
      return addTexts(hashes, column, rows, count, factor)
    case 'boolean':
      return addBoolean(hashes, column, rows, count, factor)
    case 'bigint':
      return addBigint(hashes, column, rows, count, factor)
  }
}

function addInt32(hashes: Int32Array, { values }: Int32Column, rows: Rows, count: number, factor: number): void {
  const salted = Math.imul(NUMBER_SALT, factor)
  let i = 0
  if (rows === null)
    for (const stop = count - 3; i < stop; i += 4) {
      hashes[i] = (hashes[i] + Math.imul(values[i], factor) + salted) | 0
      hashes[i + 1] = (hashes[i + 1] + Math.imul(values[i + 1], factor) + salted) | 0
      hashes[i + 2] = (hashes[i + 2] + Math.imul(values[i + 2], factor) + salted) | 0
      hashes[i + 3] = (hashes[i + 3] + Math.imul(values[i + 3], factor) + salted) | 0
    }
  for (; i < count; i++) {
    const row = rows === null ? i : rows[i]
    hashes[i] = (hashes[i] + Math.imul(values[row], factor) + salted) | 0
  }
}

/**
 * `hashNumber`, written out: the words' hash is made for integers too, which costs less than a branch around it. Times
 * come in runs, the bounds of windows above all, so that a value that was there in the row before is not hashed again.
 */
function addDouble(hashes: Int32Array, { values }: DoubleColumn, rows: Rows, count: number, factor: number): void {
  const words = wordsOf(values)
  let before = Number.NaN
  let product = 0
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]
    const value = values[row]
    if (value !== before) {
      const integer = value | 0
      let hash = (Math.imul(words[row << 1], 0x2c1b3c6d) + words[(row << 1) | 1]) | 0
      hash = Math.imul(hash ^ (hash >>> 15), 0x21f0aaad)
      hash ^= hash >>> 13
      if (integer === value) hash = (integer + 0x5bd1e995) | 0
      else if (Number.isNaN(value)) hash = 0x7ff80000
      product = Math.imul(hash, factor)
      before = value
    }
    hashes[i] = (hashes[i] + product) | 0
  }
}

function addBoolean(hashes: Int32Array, { values }: BooleanColumn, rows: Rows, count: number, factor: number): void {
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]
    hashes[i] = (hashes[i] + Math.imul(hashBoolean(values[row] !== 0), factor)) | 0
  }
}

function addBigint(hashes: Int32Array, { values }: BigintColumn, rows: Rows, count: number, factor: number): void {
  const words = wordsOf(values)
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]
    hashes[i] = (hashes[i] + Math.imul(hashBigint(words[row << 1], words[(row << 1) + 1]), factor)) | 0
  }
}

function addDictionary(hashes: Int32Array, column: DictionaryColumn, rows: Rows, count: number, factor: number): void {
  const { codes } = column
  const texts = dictionaryHashes(column.dictionary)
  let i = 0
  if (rows === null)
    for (const stop = count - 3; i < stop; i += 4) {
      hashes[i] = (hashes[i] + Math.imul(texts[codes[i]], factor)) | 0
      hashes[i + 1] = (hashes[i + 1] + Math.imul(texts[codes[i + 1]], factor)) | 0
      hashes[i + 2] = (hashes[i + 2] + Math.imul(texts[codes[i + 2]], factor)) | 0
      hashes[i + 3] = (hashes[i + 3] + Math.imul(texts[codes[i + 3]], factor)) | 0
    }
  for (; i < count; i++) {
    const row = rows === null ? i : rows[i]
    hashes[i] = (hashes[i] + Math.imul(texts[codes[row]], factor)) | 0
  }
}

/** Absent rows add nothing: the others are packed, hashed as if dense, and added where they belong. */
function addNullable(hashes: Int32Array, column: Column, rows: Rows, count: number, factor: number): void {
  const present = new Int32Array(count)
  const places = new Int32Array(count)
  let found = 0
  for (let i = 0; i < count; i++) {
    const row = rows === null ? i : rows[i]
    if (!isValid(column.validity, row)) continue
    present[found] = row
    places[found++] = i
  }
  const sums = new Int32Array(found)
  addPresent(sums, column, present, found, factor)
  for (let i = 0; i < found; i++) hashes[places[i]] += sums[i]
}

function addAny(hashes: Int32Array, values: readonly unknown[], rows: Rows, count: number, factor: number): void {
  for (let i = 0; i < count; i++)
    hashes[i] = (hashes[i] + Math.imul(hashValue(values[rows === null ? i : rows[i]]), factor)) | 0
}

/** The 4-byte words of an array of 8-byte values. */
function wordsOf({ buffer, byteOffset, length }: Float64Array | BigInt64Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length * 2)
}

const known = new WeakMap<Dictionary, Int32Array>()
const counted = new WeakMap<Dictionary, number>()

/** The hashes of a dictionary's texts by code; a dictionary only grows, so those there are stay. */
function dictionaryHashes(dictionary: Dictionary): Int32Array {
  const { values } = dictionary
  let hashes = known.get(dictionary)
  let done = counted.get(dictionary) ?? 0
  if (hashes !== undefined && done === values.length) return hashes
  if (hashes === undefined || hashes.length < values.length) {
    const grown = new Int32Array(values.length * 2)
    if (hashes !== undefined) grown.set(hashes)
    known.set(dictionary, (hashes = grown))
  }
  for (; done < values.length; done++) hashes[done] = hashString(values[done])
  counted.set(dictionary, done)
  return hashes
}
