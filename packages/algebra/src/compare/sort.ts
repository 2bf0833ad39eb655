/**
 * Stable sort of a batch's rows by some of its columns: a bottom-up merge sort of positions over one double a row that
 * stands for the first column (see `sort-keys.ts`), so that most comparisons are of two numbers, inlined. Rows whose keys
 * are equal are compared column by column.
 */
import type { Column } from '../column.ts'
import type { Selection } from '../dense.ts'
import type { Comparator } from './column.ts'
import { compareRows, type SortDirection } from './rows.ts'
import { sortKeys } from './sort-keys.ts'

/** Runs that are sorted by insertion before merging. */
const RUN = 16

/**
 * The physical rows in order: made for `gather`, not a selection, which would have to ascend.
 *
 * Nulls come last in either direction, equal rows keep their order.
 * @param columns to sort by, the first first
 * @param directions one a column; ascending where there is none
 * @param length rows of the batch
 * @param selection the batch's selection
 * @throws RangeError for values in an `any` column that have no order
 */
export function sortPermutation(
  columns: readonly Column[],
  directions: readonly SortDirection[],
  length: number,
  selection: Selection = null,
): Int32Array {
  let order: Int32Array = new Int32Array(length)
  for (let i = 0; i < length; i++) order[i] = i
  if (columns.length > 0) {
    const { keys, exact } = sortKeys(columns[0], directions[0] ?? 'ascending', selection, length)
    order = mergeSort(order, keys, tieBreaker(columns, directions, selection, exact))
  }
  if (selection !== null) for (let i = 0; i < length; i++) order[i] = selection[order[i]]
  return order
}

/** Compares positions whose keys are equal; null where that makes them equal. */
function tieBreaker(
  columns: readonly Column[],
  directions: readonly SortDirection[],
  selection: Selection,
  exact: boolean,
): Comparator | null {
  const rest = exact ? columns.slice(1) : columns
  if (rest.length === 0) return null
  const compare = compareRows(rest, rest, exact ? directions.slice(1) : directions)
  return selection === null ? compare : (i, j) => compare(selection[i], selection[j])
}

/** Keys move along with positions, so that merging reads memory in order. */
function mergeSort(order: Int32Array, keys: Float64Array, ties: Comparator | null): Int32Array {
  const length = order.length
  let source: Sorting = { order, keys }
  for (let from = 0; from < length; from += RUN) insertionSort(source, from, Math.min(from + RUN, length), ties)
  let target: Sorting = { order: new Int32Array(length), keys: new Float64Array(length) }
  for (let run = RUN; run < length; run *= 2) {
    for (let from = 0; from < length; from += run * 2)
      merge(source, target, from, Math.min(from + run, length), Math.min(from + run * 2, length), ties)
    ;[source, target] = [target, source]
  }
  return source.order
}

interface Sorting {
  readonly order: Int32Array
  readonly keys: Float64Array
}

function insertionSort({ order, keys }: Sorting, from: number, to: number, ties: Comparator | null): void {
  for (let i = from + 1; i < to; i++) {
    const moved = order[i]
    const key = keys[i]
    let j = i - 1
    while (j >= from && (keys[j] > key || (keys[j] === key && ties !== null && ties(order[j], moved) > 0))) {
      order[j + 1] = order[j]
      keys[j + 1] = keys[j--]
    }
    order[j + 1] = moved
    keys[j + 1] = key
  }
}

/** Merges source[from, middle) and source[middle, to) into the same place of target. */
function merge(
  source: Sorting,
  target: Sorting,
  from: number,
  middle: number,
  to: number,
  ties: Comparator | null,
): void {
  const { order, keys } = source
  const { order: outOrder, keys: outKeys } = target
  let left = from
  let right = middle
  let at = from
  while (left < middle && right < to) {
    const a = keys[left]
    const b = keys[right]
    const rightFirst = a > b || (a === b && ties !== null && ties(order[left], order[right]) > 0)
    outOrder[at] = rightFirst ? order[right] : order[left]
    outKeys[at++] = rightFirst ? b : a
    if (rightFirst) right++
    else left++
  }
  const [rest, end] = left < middle ? [left, middle] : [right, to]
  outOrder.set(order.subarray(rest, end), at)
  outKeys.set(keys.subarray(rest, end), at)
}
