/** Row groups as JSON, so that a file can be continued by another writer: JSON has no bigint, no -0 and no Infinity. */
import type { Json } from '@millrace/runtime'
import type { RowGroup } from '../library.ts'

export function groupsToJson(groups: readonly RowGroup[]): Json {
  return JSON.parse(JSON.stringify(groups, (_, value) => toJson(value))) as Json
}

export function groupsFromJson(json: Json): RowGroup[] {
  return JSON.parse(JSON.stringify(json), (_, value) => fromJson(value)) as RowGroup[]
}

/** Objects with the one property `bigint` or `number` are these; row groups have no others of that shape. */
function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return { bigint: String(value) }
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)))
    return { number: Object.is(value, -0) ? '-0' : String(value) }
  return value
}

function fromJson(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { bigint, number } = value as { readonly bigint?: unknown; readonly number?: unknown }
  if (typeof bigint === 'string') return BigInt(bigint)
  return typeof number === 'string' ? Number(number) : value
}
