/** Whether a row group can hold rows for which all comparisons are true, by what the file says of its columns. */
import { type Comparison, canHold } from './comparison.ts'
import { toDoubles, toTimes } from './convert.ts'
import { isUnsigned, type Leaf } from './leaf.ts'
import type { RowGroup } from './library.ts'

export function mayMatch(group: RowGroup, leaves: readonly Leaf[], comparisons: readonly Comparison[]): boolean {
  return comparisons.every(comparison => {
    const { name } = comparison.column
    const leaf = leaves.find(l => l.name === name)
    const chunk = group.columns.find(
      ({ meta_data: m }) => m?.path_in_schema.length === 1 && m.path_in_schema[0] === name,
    )
    const statistics = chunk?.meta_data?.statistics
    if (leaf === undefined || statistics === undefined) return true
    const { null_count, min_value, max_value } = statistics
    if (null_count !== undefined && null_count === group.num_rows) return false // nothing compares with null
    const min = bound(min_value, leaf, comparison)
    const max = bound(max_value, leaf, comparison)
    // NaN is above all numbers, and not counted among them in the statistics
    return canHold(comparison, min, comparison.column.type.kind === 'double' ? undefined : max)
  })
}

/** A bound in the column's own terms; undefined if it says nothing. */
function bound(stored: unknown, leaf: Leaf, { column }: Comparison): Comparison['value'] | undefined {
  const { element, time, local } = leaf
  if (stored === undefined || Number.isNaN(stored) || isUnsigned(element)) return undefined
  if (column.type.kind === 'text') return typeof stored === 'string' && !stored.includes('\ufffd') ? stored : undefined
  if (column.type.kind === 'boolean') return typeof stored === 'boolean' ? stored : undefined
  if (typeof stored !== 'number' && typeof stored !== 'bigint') return undefined
  if (column.type.kind === 'timestamp') {
    // clocks in no zone may go back an hour
    if (time === undefined || time === 'int96' || local) return undefined
    return toTimes(typeof stored === 'bigint' ? BigInt64Array.of(stored) : Int32Array.of(stored), time, undefined)[0]
  }
  if (column.type.kind === 'bigint') return BigInt(stored)
  return typeof stored === 'number' ? stored : toDoubles(BigInt64Array.of(stored), false, new Map())[0]
}
