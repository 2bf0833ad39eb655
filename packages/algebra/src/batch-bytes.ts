/** About how many bytes of memory a batch takes: what its arrays hold of its rows. Opaque values are counted as pointers. */
import type { Batch } from './batch.ts'
import type { Column } from './column.ts'

const POINTER_BYTES = 8

export function batchBytes({ columns, length, weights, times }: Batch): number {
  let bytes = (weights === null ? 0 : length * 4) + (times === null ? 0 : length * 8)
  for (let c = 0; c < columns.length; c++) bytes += columnBytes(columns[c], length)
  return bytes
}

function columnBytes(column: Column, length: number): number {
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
      return length * 8 + column.heap.byteLength
    case 'any':
      return length * POINTER_BYTES
  }
}
