/** Puts one value into a computed column; null and undefined leave it absent. */
import type { OutputColumn } from './output.ts'

export function writeValue(column: OutputColumn, row: number, value: unknown): void {
  if (column.field.type.kind === 'any') {
    column.values[row] = value
    return
  }
  if (value === null || value === undefined) {
    column.validity[row >>> 3]! &= ~(1 << (row & 7))
    return
  }
  if (column.field.nullable) column.validity[row >>> 3]! |= 1 << (row & 7)
  switch (column.field.type.kind) {
    case 'text':
      column.values[row] = column.code(value as string)
      return
    case 'boolean':
      column.values[row] = value === true ? 1 : 0
      return
    default:
      column.values[row] = (value instanceof Date ? value.getTime() : value) as number
  }
}
