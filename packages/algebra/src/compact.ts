/**
 * Compacting is also how rows are kept: a batch is lent for a call, its compact copy owns its arrays.
 */
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
import { copyBigints, copyBits, copyBytes, copyDoubles, copyInts, type Selection } from './dense.ts'
import { copyText, takeText } from './text-copy.ts'

/**
 * The batch's rows without a selection, in arrays of exactly their length that nobody else holds. Text bytes are copied
 * too, only those that the rows refer to, so that a few rows do not pin a large heap. Dictionaries are shared: they are
 * append-only. Values of an `any` column are shared as well: rows are values.
 */
export function compact(batch: Batch): Batch {
  const { selection, length, weights, times } = batch
  const columns = batch.columns.map(column => compactColumn(column, selection, length))
  const keptWeights = weights === null ? null : compactInts(weights, selection, length)
  return new Batch(batch.schema, columns, length, null, keptWeights, times && compactDoubles(times, selection, length))
}

/** One column of `compact`: the rows `selection` picks, or the first `length`. */
export function compactColumn(column: Column, selection: Selection, length: number): Column {
  const validity = compactBits(column.validity, selection, length)
  switch (column.kind) {
    case 'int32':
      return new Int32Column(compactInts(column.values, selection, length), validity)
    case 'double':
      return new DoubleColumn(compactDoubles(column.values, selection, length), validity)
    case 'bigint': {
      const values = new BigInt64Array(length)
      copyBigints(column.values, selection, length, values, 0)
      return new BigintColumn(values, validity)
    }
    case 'boolean': {
      const values = new Uint8Array(length)
      copyBytes(column.values, selection, length, values, 0)
      return new BooleanColumn(values, validity)
    }
    case 'dictionary':
      return new DictionaryColumn(compactInts(column.codes, selection, length), column.dictionary, validity)
    case 'utf8': {
      const starts = new Int32Array(length)
      const lengths = new Int32Array(length)
      const extent = takeText(column, selection, validity, length, starts, lengths)
      const heap = new Int32Array(extent.words)
      copyText(extent, column.heap, starts, lengths, length, heap, 0)
      return new Utf8Column(starts, lengths, heap, validity)
    }
    case 'any': {
      if (selection === null) return new AnyColumn(column.values.slice(0, length))
      const values = new Array<unknown>(length)
      for (let i = 0; i < length; i++) values[i] = column.values[selection[i]]
      return new AnyColumn(values)
    }
  }
}

function compactInts(values: Int32Array, selection: Selection, length: number): Int32Array {
  const out = new Int32Array(length)
  copyInts(values, selection, length, out, 0)
  return out
}

function compactDoubles(values: Float64Array, selection: Selection, length: number): Float64Array {
  const out = new Float64Array(length)
  copyDoubles(values, selection, length, out, 0)
  return out
}

function compactBits(validity: Validity, selection: Selection, length: number): Validity {
  if (validity === null) return null
  const out = new Uint8Array(bitmapBytes(length))
  copyBits(validity, selection, length, out, 0)
  return out
}
