import { Batch } from './batch.ts'
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

/**
 * Rows `from` to `to` of a batch (to exclusive; clamped as in `Array.slice`, counted from 0). Shares the batch's
 * arrays: lent with it. Copies at most the bitmaps and the pointers of `any` columns.
 */
export function slice(batch: Batch, from: number, to: number = batch.length): Batch {
  const start = Math.min(Math.max(0, from), batch.length)
  const end = Math.min(Math.max(start, to), batch.length)
  if (start === 0 && end === batch.length) return batch
  const { schema, selection, weights, times } = batch
  if (selection !== null || start === 0) {
    const rows = selection === null ? null : selection.subarray(start, end)
    return new Batch(schema, batch.columns, end - start, rows, weights, times)
  }
  const columns = batch.columns.map(column => sliceColumn(column, start, end))
  const laterWeights = weights === null ? null : weights.subarray(start, end)
  const laterTimes = times === null ? null : times.subarray(start, end)
  return new Batch(schema, columns, end - start, null, laterWeights, laterTimes)
}

function sliceColumn(column: Column, from: number, to: number): Column {
  const validity = sliceBits(column.validity, from, to)
  switch (column.kind) {
    case 'int32':
      return new Int32Column(column.values.subarray(from, to), validity)
    case 'double':
      return new DoubleColumn(column.values.subarray(from, to), validity)
    case 'bigint':
      return new BigintColumn(column.values.subarray(from, to), validity)
    case 'boolean':
      return new BooleanColumn(column.values.subarray(from, to), validity)
    case 'dictionary':
      return new DictionaryColumn(column.codes.subarray(from, to), column.dictionary, validity)
    case 'utf8':
      return new Utf8Column(column.starts.subarray(from, to), column.lengths.subarray(from, to), column.heap, validity)
    case 'any':
      return new AnyColumn(column.values.slice(from, to))
  }
}

function sliceBits(validity: Validity, from: number, to: number): Validity {
  if (validity === null) return null
  if ((from & 7) === 0) return validity.subarray(from >>> 3, (to + 7) >>> 3)
  const bits = new Uint8Array(bitmapBytes(to - from))
  for (let i = from; i < to; i++) bits[(i - from) >>> 3] |= ((validity[i >>> 3] >>> (i & 7)) & 1) << ((i - from) & 7)
  return bits
}
