/** Rows out of accumulators: key columns, then window bounds if any, then one column an aggregate. */
import { type Column, DoubleColumn, type KeyIndex } from '@millrace/algebra'
import type { Aggregate } from '../aggregate/table.ts'
import type { StateArray } from '../state/arrays.ts'

/** Rows emitted at a time. */
export const OUTPUT_ROWS = 1024

export function resultColumns(
  keys: KeyIndex,
  aggregates: readonly Aggregate[],
  arrays: readonly StateArray[],
  ids: Int32Array,
  window?: { readonly start: number; readonly end: number },
): Column[] {
  const columns = keys.gather(ids, ids.length)
  if (window !== undefined) {
    columns.push(new DoubleColumn(new Float64Array(ids.length).fill(window.start)))
    columns.push(new DoubleColumn(new Float64Array(ids.length).fill(window.end)))
  }
  columns.push(...aggregateColumns(aggregates, arrays, ids))
  return columns
}

/** The aggregates' own columns. */
export function aggregateColumns(
  aggregates: readonly Aggregate[],
  arrays: readonly StateArray[],
  ids: Int32Array,
): Column[] {
  let offset = 0
  return aggregates.map(({ accumulator }) => {
    const own = arrays.slice(offset, offset + accumulator.fields.length)
    offset += own.length
    return accumulator.results(own, ids, ids.length)
  })
}
