/**
 * Sort keys: for each row one double such that the order of the doubles never contradicts the order of the column's
 * values. Where two keys are equal the values may still differ, unless the keys are *exact*.
 */
import {
  type BigintColumn,
  type BooleanColumn,
  type Column,
  type DictionaryColumn,
  type DoubleColumn,
  type Int32Column,
  isValid,
  type Utf8Column,
  type Validity,
} from '../column.ts'
import type { Selection } from '../dense.ts'
import type { SortDirection } from './rows.ts'
import { bigEndian, compareText } from './text.ts'

export interface SortKeys {
  /** By position: that of row `selection[i]` at i. */
  readonly keys: Float64Array
  readonly exact: boolean
}

export function sortKeys(column: Column, direction: SortDirection, selection: Selection, length: number): SortKeys {
  const keys = new Float64Array(length)
  const exact = writeKeys(column, selection, length, keys)
  if (direction === 'descending') for (let i = 0; i < length; i++) keys[i] = -keys[i]
  setAbsent(column.validity, selection, length, keys)
  return { keys, exact }
}

/** Absent rows last, whatever the direction. */
function setAbsent(validity: Validity, selection: Selection, length: number, keys: Float64Array): void {
  if (validity === null) return
  for (let i = 0; i < length; i++)
    if (!isValid(validity, selection === null ? i : selection[i])) keys[i] = Number.POSITIVE_INFINITY
}

function writeKeys(column: Column, selection: Selection, length: number, keys: Float64Array): boolean {
  switch (column.kind) {
    case 'int32':
      return writeInts(column, selection, length, keys)
    case 'boolean':
      return writeBooleans(column, selection, length, keys)
    case 'double':
      return writeDoubles(column, selection, length, keys)
    case 'bigint':
      return writeBigints(column, selection, length, keys)
    case 'dictionary':
      return writeRanks(column, selection, length, keys)
    case 'utf8':
      return writePrefixes(column, selection, length, keys)
    case 'any':
      return false
  }
}

function writeInts({ values }: Int32Column, selection: Selection, length: number, keys: Float64Array): boolean {
  for (let i = 0; i < length; i++) keys[i] = values[selection === null ? i : selection[i]]
  return true
}

function writeBooleans({ values }: BooleanColumn, selection: Selection, length: number, keys: Float64Array): boolean {
  for (let i = 0; i < length; i++) keys[i] = values[selection === null ? i : selection[i]]
  return true
}

/** NaN shares the key of an infinity, which absent rows have too. */
function writeDoubles({ values }: DoubleColumn, selection: Selection, length: number, keys: Float64Array): boolean {
  let exact = true
  for (let i = 0; i < length; i++) {
    const value = values[selection === null ? i : selection[i]]
    keys[i] = Number.isNaN(value) ? Number.POSITIVE_INFINITY : value
    if (!Number.isFinite(value)) exact = false
  }
  return exact
}

/** Rounded to a double, which keeps the order. */
function writeBigints({ values }: BigintColumn, selection: Selection, length: number, keys: Float64Array): boolean {
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    keys[i] = words[row * 2 + 1] * 0x1_0000_0000 + (words[row * 2] >>> 0)
  }
  return false
}

/** The ranks of the entries in use. */
function writeRanks(column: DictionaryColumn, selection: Selection, length: number, keys: Float64Array): boolean {
  const { codes, validity } = column
  const { values } = column.dictionary
  const ranks = new Int32Array(values.length).fill(-1)
  const used: number[] = []
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    if (!isValid(validity, row) || ranks[codes[row]] === 0) continue
    ranks[codes[row]] = 0
    used.push(codes[row])
  }
  used.sort((a, b) => compareText(values[a], values[b]))
  for (let rank = 0; rank < used.length; rank++) ranks[used[rank]] = rank
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    if (isValid(validity, row)) keys[i] = ranks[codes[row]]
  }
  return true
}

/** The first six bytes. */
function writePrefixes(column: Utf8Column, selection: Selection, length: number, keys: Float64Array): boolean {
  const { starts, lengths, heap, validity } = column
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    if (!isValid(validity, row)) continue
    keys[i] = prefixWord(heap, starts[row], lengths[row]) * 0x1_0000
    keys[i] += prefixWord(heap, starts[row] + 1, lengths[row] - 4) >>> 16
  }
  return false
}

/** Up to four bytes as a number, zeros behind the string's end. */
function prefixWord(heap: Int32Array, word: number, bytes: number): number {
  if (bytes <= 0) return 0
  return bigEndian(bytes >= 4 ? heap[word] : heap[word] & ((1 << (bytes * 8)) - 1))
}
