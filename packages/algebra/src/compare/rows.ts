import type { Column } from '../column.ts'
import { type Comparator, columnComparator, columnEquality } from './column.ts'

export type SortDirection = 'ascending' | 'descending'

/**
 * Compares physical row i of the columns `a` with row j of `b`, column by column. Absent values come last in either
 * direction; NaN, being above all numbers, comes first when descending.
 * @param directions one a column; all ascending by default
 */
export function compareRows(
  a: readonly Column[],
  b: readonly Column[],
  directions?: readonly SortDirection[],
): Comparator {
  checkWidth(a, b)
  const compares = a.map((column, c) => directed(column, b[c], directions?.[c] ?? 'ascending'))
  if (compares.length === 1) return compares[0]
  return (i, j) => {
    for (let c = 0; c < compares.length; c++) {
      const order = compares[c](i, j)
      if (order !== 0) return order
    }
    return 0
  }
}

/** Whether physical row i of the columns `a` equals row j of `b`: absent equals absent, NaN equals NaN, -0 equals 0. */
export function equalRows(a: readonly Column[], b: readonly Column[]): (i: number, j: number) => boolean {
  checkWidth(a, b)
  const equals = a.map((column, c) => columnEquality(column, b[c]))
  if (equals.length === 1) return equals[0]
  return (i, j) => {
    for (let c = 0; c < equals.length; c++) if (!equals[c](i, j)) return false
    return true
  }
}

function directed(a: Column, b: Column, direction: SortDirection): Comparator {
  const compare = columnComparator(a, b)
  if (direction === 'ascending') return compare
  return (i, j) => (isAbsent(a, i) || isAbsent(b, j) ? compare(i, j) : -compare(i, j))
}

function isAbsent(column: Column, row: number): boolean {
  if (column.kind === 'any') return column.values[row] === null || column.values[row] === undefined
  return column.validity !== null && (column.validity[row >>> 3] & (1 << (row & 7))) === 0
}

function checkWidth(a: readonly Column[], b: readonly Column[]): void {
  if (a.length !== b.length) throw new RangeError(`invalid comparison: ${a.length} columns with ${b.length}`)
}
