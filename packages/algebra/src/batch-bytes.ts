/** About how many bytes of memory the rows of a batch take, once it is compact. Opaque values are counted as pointers. */
import type { Batch } from './batch.ts'
import type { Column } from './column.ts'

const POINTER_BYTES = 8

export function batchBytes({ columns, length, selection, weights, times }: Batch): number {
  let bytes = (weights === null ? 0 : length * 4) + (times === null ? 0 : length * 8)
  for (let c = 0; c < columns.length; c++) bytes += columnBytes(columns[c], selection, length)
  return bytes
}

function columnBytes(column: Column, selection: Int32Array | null, length: number): number {
  switch (column.kind) {
    case 'int32':
    case 'dictionary':
      return length * 4
    case 'double':
    case 'bigint':
      return length * 8
    case 'boolean':
      return length
    case 'utf8':
      return length * 8 + (selection === null ? column.heap.byteLength : textBytes(column.lengths, selection, length))
    case 'any':
      return length * POINTER_BYTES
  }
}

function textBytes(lengths: Int32Array, selection: Int32Array, length: number): number {
  let bytes = 0
  for (let i = 0; i < length; i++) bytes += (lengths[selection[i]] + 3) & -4
  return bytes
}
