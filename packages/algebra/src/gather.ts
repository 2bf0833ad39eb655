/**
 * Rows of a column picked by index, into fresh arrays: what joins, sorts and partitions do.
 *
 * Text is not copied: a UTF-8 column's rows are views, and the result shares the heap (a gather moves 8 bytes a row),
 * a dictionary column's result shares the dictionary. So the result is lent on, not kept: `compact` makes what is kept.
 */
import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
  type Validity,
} from './column.ts'
import { EncodedColumn } from './frame/encoded-column.ts'

/** Row i of the result is row `indices[i]` of `column`, or absent where that is -1 (outer joins). */
export function gather(column: Column, indices: Int32Array, length: number): Column {
  if (column instanceof EncodedColumn) return column.pick(indices, length)
  if (column.kind === 'any') return new AnyColumn(pickValues(column.values, indices, length))
  const validity = gatherValidity(column.validity, indices, length)
  switch (column.kind) {
    case 'int32':
      return new Int32Column(pickInts(column.values, indices, length), validity)
    case 'double':
      return new DoubleColumn(pickDoubles(column.values, indices, length), validity)
    case 'bigint':
      return new BigintColumn(pickBigints(column.values, indices, length), validity)
    case 'boolean':
      return new BooleanColumn(pickBytes(column.values, indices, length), validity)
    case 'dictionary':
      return new DictionaryColumn(pickInts(column.codes, indices, length), column.dictionary, validity)
    case 'utf8': {
      const starts = pickInts(column.starts, indices, length)
      const lengths = pickInts(column.lengths, indices, length)
      return new Utf8Column(starts, lengths, column.heap, validity)
    }
  }
}

function gatherValidity(validity: Validity, indices: Int32Array, length: number): Validity {
  if (validity === null) {
    let signs = 0
    for (let i = 0; i < length; i++) signs |= indices[i]
    if (signs >= 0) return null
  }
  const bits = new Uint8Array(bitmapBytes(length))
  for (let i = 0; i < length; i++) {
    const row = indices[i]
    if (row < 0) continue
    const bit = validity === null ? 1 : (validity[row >>> 3] >>> (row & 7)) & 1
    bits[i >>> 3] |= bit << (i & 7)
  }
  return bits
}

// One loop a kind of array: V8 shares type feedback by function. A row without an index gets the value of row 0: absent
// rows hold anything.

function pickInts(values: Int32Array, indices: Int32Array, length: number): Int32Array {
  const out = new Int32Array(length)
  for (let i = 0; i < length; i++) out[i] = values[Math.max(indices[i], 0)]
  return out
}

function pickDoubles(values: Float64Array, indices: Int32Array, length: number): Float64Array {
  const out = new Float64Array(length)
  for (let i = 0; i < length; i++) out[i] = values[Math.max(indices[i], 0)]
  return out
}

/** Moves 64 bits as two words: a bigint a row would be an allocation a row. */
function pickBigints(values: BigInt64Array, indices: Int32Array, length: number): BigInt64Array {
  const out = new BigInt64Array(length)
  const from = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
  const to = new Int32Array(out.buffer)
  for (let i = 0; i < length; i++) {
    const row = Math.max(indices[i], 0)
    to[i * 2] = from[row * 2]
    to[i * 2 + 1] = from[row * 2 + 1]
  }
  return out
}

function pickBytes(values: Uint8Array, indices: Int32Array, length: number): Uint8Array {
  const out = new Uint8Array(length)
  for (let i = 0; i < length; i++) out[i] = values[Math.max(indices[i], 0)]
  return out
}

function pickValues(values: readonly unknown[], indices: Int32Array, length: number): unknown[] {
  const out = new Array<unknown>(length)
  for (let i = 0; i < length; i++) out[i] = indices[i] < 0 ? null : values[indices[i]]
  return out
}
