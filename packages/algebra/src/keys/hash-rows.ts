/**
 * Key hashes of a batch's rows, straight from its columns (docs/formats/keys.md). One loop a column; equal keys hash
 * equal whichever kind of column holds them. A composite key's hash is murmur3 over its columns' hashes.
 */
import type {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  Column,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
  Validity,
} from '../column.ts'
import { isValid } from '../column.ts'
import { dictionaryText } from './dictionary-text.ts'
import { tag } from './format.ts'
import { BOOLEAN_HASHES, hashValue, hashWordPair, hashWords, NAN_HASH, NULL_HASH } from './hash-value.ts'
import { finish, mixWord } from './murmur.ts'

type Selection = Int32Array | null

let parts = new Int32Array(1024)

/**
 * `out[i]` = hash of the key in row i of a batch with these key columns; its key group is `out[i] >>> 25`.
 *
 * @param selection the batch's selection: row i is physical row `selection[i]`
 * @param length rows of the batch
 * @throws TypeError for a value in an `any` column that is no key (an object, a function, a symbol)
 */
export function hashRows(columns: readonly Column[], selection: Selection, length: number, out: Int32Array): void {
  if (columns.length === 1) {
    hashColumn(columns[0], selection, length, out)
    return
  }
  out.fill(tag.tuple, 0, length)
  if (parts.length < length) parts = new Int32Array(length)
  for (const column of columns) {
    hashColumn(column, selection, length, parts)
    for (let i = 0; i < length; i++) out[i] = mixWord(out[i], parts[i])
  }
  for (let i = 0; i < length; i++) out[i] = finish(out[i], columns.length * 4)
}

function hashColumn(column: Column, selection: Selection, length: number, out: Int32Array): void {
  switch (column.kind) {
    case 'int32':
      hashInt32s(column, selection, length, out)
      break
    case 'double':
      hashDoubles(column, selection, length, out)
      break
    case 'bigint':
      hashBigints(column, selection, length, out)
      break
    case 'boolean':
      hashBooleans(column, selection, length, out)
      break
    case 'dictionary':
      hashCodes(column, selection, length, out)
      break
    case 'utf8':
      hashTexts(column, selection, length, out)
      break
    case 'any':
      hashAny(column, selection, length, out)
      break
  }
}

function hashInt32s(column: Int32Column, selection: Selection, length: number, out: Int32Array): void {
  const values = column.values
  const seed = tag.number
  if (selection === null) for (let i = 0; i < length; i++) out[i] = finish(mixWord(seed, values[i]), 4)
  else for (let i = 0; i < length; i++) out[i] = finish(mixWord(seed, values[selection[i]]), 4)
  hashNulls(column.validity, selection, length, out)
}

function hashDoubles(column: DoubleColumn, selection: Selection, length: number, out: Int32Array): void {
  const values = column.values
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const seed = tag.number
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    const value = values[row]
    if ((value | 0) === value) out[i] = finish(mixWord(seed, value | 0), 4)
    else if (Number.isNaN(value)) out[i] = NAN_HASH
    else out[i] = hashWordPair(seed, words[row * 2], words[row * 2 + 1])
  }
  hashNulls(column.validity, selection, length, out)
}

function hashBigints(column: BigintColumn, selection: Selection, length: number, out: Int32Array): void {
  const values = column.values
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const seed = tag.bigint
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    out[i] = hashWordPair(seed, words[row * 2], words[row * 2 + 1])
  }
  hashNulls(column.validity, selection, length, out)
}

function hashBooleans(column: BooleanColumn, selection: Selection, length: number, out: Int32Array): void {
  const values = column.values
  for (let i = 0; i < length; i++) {
    out[i] = BOOLEAN_HASHES[values[selection === null ? i : selection[i]] & 1]
  }
  hashNulls(column.validity, selection, length, out)
}

function hashCodes(column: DictionaryColumn, selection: Selection, length: number, out: Int32Array): void {
  const codes = column.codes
  const hashes = dictionaryText(column.dictionary).hashes
  for (let i = 0; i < length; i++) out[i] = hashes[codes[selection === null ? i : selection[i]]]
  hashNulls(column.validity, selection, length, out)
}

/** Fixed-width rows that are absent were hashed as whatever they hold; this puts it right. */
function hashNulls(validity: Validity, selection: Selection, length: number, out: Int32Array): void {
  if (validity === null) return
  for (let i = 0; i < length; i++) {
    if (!isValid(validity, selection === null ? i : selection[i])) out[i] = NULL_HASH
  }
}

function hashTexts(column: Utf8Column, selection: Selection, length: number, out: Int32Array): void {
  const { starts, lengths, heap, validity } = column
  const seed = tag.text
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    out[i] = isValid(validity, row) ? hashWords(seed, heap, starts[row], lengths[row]) : NULL_HASH
  }
}

function hashAny(column: AnyColumn, selection: Selection, length: number, out: Int32Array): void {
  const values = column.values
  for (let i = 0; i < length; i++) out[i] = hashValue(values[selection === null ? i : selection[i]])
}
