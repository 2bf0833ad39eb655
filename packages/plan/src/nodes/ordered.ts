/** Nodes over whole collections: distinct, sort, limit. */
import { MillraceError } from '../error.ts'
import type { DistinctNode, KeySpec, LimitNode, PlanNode, SortNode } from '../node.ts'
import { checkColumns, frozenKey, keyFields, type Place } from './place.ts'

interface OfInput extends Place {
  readonly input: PlanNode
}

/** Each row once; with a key, the first row of each key. Throws UNKNOWN_COLUMN. */
export function distinctNode(spec: OfInput & { readonly key: KeySpec | null }): DistinctNode {
  const { input, site, name } = spec
  const { schema, collection } = input
  if (spec.key !== null) keyFields(schema, spec.key, spec)
  const key = spec.key === null ? null : frozenKey(spec.key)
  return Object.freeze({ kind: 'distinct', schema, collection, site, name, input, key })
}

/** Nulls last, equal rows in their order. Throws WRONG_KIND unless the input is bounded, UNKNOWN_COLUMN. */
export function sortNode(spec: OfInput & { readonly by: SortNode['by'] }): SortNode {
  const { input, site, name } = spec
  const { schema, collection } = input
  if (collection !== 'bounded')
    throw new MillraceError('WRONG_KIND', `invalid input of sort: ${collection}`, {
      site,
      hint: 'what does not end has no order but that of time; sort a DataSet, or the rows of a window',
    })
  if (spec.by.length === 0) throw new MillraceError('INVALID_ARGUMENT', 'missing columns to sort by', { site })
  for (const { expression } of spec.by) checkColumns(schema, expression, spec)
  const by = Object.freeze(spec.by.map(term => Object.freeze({ ...term })))
  return Object.freeze({ kind: 'sort', schema, collection, site, name, input, by })
}

/** The first rows. Throws INVALID_ARGUMENT for a negative or broken number, WRONG_KIND if rows can be taken back. */
export function limitNode(spec: OfInput & { readonly rows: number }): LimitNode {
  const { input, rows, site, name } = spec
  const { schema, collection } = input
  if (!Number.isInteger(rows) || rows < 0)
    throw new MillraceError('INVALID_ARGUMENT', `invalid number of rows: ${rows}`, { site })
  if (collection === 'updating')
    throw new MillraceError('WRONG_KIND', 'invalid input of limit: updating', {
      site,
      hint: 'its first rows may be taken back; limit what is bounded or appending',
    })
  return Object.freeze({ kind: 'limit', schema, collection, site, name, input, rows })
}
