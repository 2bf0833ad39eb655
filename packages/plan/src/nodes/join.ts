/**
 * Joins on keys: which columns the result has and where each comes from.
 *
 * Without a prefix, a key column of the same name on both sides appears once; any other name on both sides is a
 * clash. With a prefix every column of the right gets it, so that one added there later renames no other. Rows whose
 * columns are not known are merged as objects, by the same rule, when they come.
 */
import { type Field, field, Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import { column } from '../expression/build.ts'
import { commonType } from '../expression/family.ts'
import type { JoinColumn, JoinHow, JoinNode, KeySpec, PlanNode, UserFunction } from '../node.ts'
import { outcomes } from '../outcomes.ts'
import { quoteName } from '../suggestion.ts'
import { mergeRows } from './merge-rows.ts'
import { frozenKey, keyFields, type Place } from './place.ts'

export interface JoinSpec extends Place {
  readonly left: PlanNode
  readonly right: PlanNode
  readonly how: JoinHow
  readonly leftKey: KeySpec
  readonly rightKey: KeySpec
  /** Default 'hash'. */
  readonly strategy?: JoinNode['strategy'] | undefined
  /** Before the name of every column of the right; default none. */
  readonly prefix?: string | undefined
  /** Makes the row of the two, either null where absent; by default their columns side by side. */
  readonly select?: UserFunction | undefined
  /** Of what `select` returns; opaque unless declared. */
  readonly schema?: Schema | undefined
}

/**
 * Throws UNKNOWN_COLUMN, TYPE_MISMATCH between keys, COLUMN_CLASH between other columns; UNSUPPORTED for a broadcast whose
 * right rows may come out alone.
 */
export function joinNode(spec: JoinSpec): JoinNode {
  const { left, right, how, strategy = 'hash', site, name } = spec
  checkKeys(spec)
  if (strategy === 'broadcast') checkBroadcast(spec)
  const collection = outcomes[how][left.collection][right.collection]
  const leftKey = frozenKey(spec.leftKey)
  const rightKey = frozenKey(spec.rightKey)
  const node = { kind: 'join', collection, site, name, left, right, how, strategy, leftKey, rightKey } as const
  if (how === 'semi' || how === 'anti') {
    const columns = Object.freeze(left.schema.fields.map((_, i) => from('left', i)))
    return Object.freeze({ ...node, schema: left.schema, columns, select: null })
  }
  const opaque = Schema.isOpaque(left.schema) || Schema.isOpaque(right.schema)
  const select = spec.select ?? (opaque ? mergeRows(sharedKeys(spec), spec.prefix ?? '', site) : null)
  if (select !== null) return Object.freeze({ ...node, schema: spec.schema ?? Schema.opaque, columns: null, select })
  return Object.freeze({ ...node, ...sideBySide(spec), select })
}

/** Where every worker has the whole right, none knows which rows of it have met nobody anywhere. */
function checkBroadcast({ how, site }: JoinSpec): void {
  if (how !== 'right' && how !== 'full') return
  throw new MillraceError('UNSUPPORTED', `invalid strategy of join: broadcast, ${how}`, {
    site,
    hint: 'rows of the right without a partner would come out on every worker: leave strategy out, or swap the sides',
  })
}

function checkKeys({ left, right, leftKey, rightKey, site }: JoinSpec): void {
  const leftFields = keyFields(left.schema, leftKey, { site })
  const rightFields = keyFields(right.schema, rightKey, { site })
  if (leftFields.length !== rightFields.length)
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `invalid keys: ${leftFields.length} columns with ${rightFields.length}`,
      { site },
    )
  for (const [i, l] of leftFields.entries()) {
    const r = rightFields[i]!
    if (commonType(l.type, r.type) !== undefined) continue
    const pair = `${quoteName(l.name)} is ${l.type.kind}, ${quoteName(r.name)} is ${r.type.kind}`
    const hint = 'no two of their values are equal: cast one of them first'
    throw new MillraceError('TYPE_MISMATCH', `invalid keys: ${pair}`, { site, hint })
  }
}

/** The names that are key columns of both sides, at the same position, and thus one column of the result. */
function sharedKeys({ leftKey, rightKey, prefix = '' }: JoinSpec): string[] {
  if (leftKey.kind !== 'columns' || rightKey.kind !== 'columns' || prefix !== '') return []
  return leftKey.columns.filter((name, i) => rightKey.columns[i] === name)
}

function sideBySide(spec: JoinSpec): { schema: Schema; columns: readonly JoinColumn[] } {
  const { left, right, how, prefix = '', site } = spec
  if (left.schema.bare || right.schema.bare)
    throw new MillraceError('INVALID_ARGUMENT', 'missing function that makes the joined row', {
      site,
      hint: 'rows without named columns have none to put side by side: .join(other, options, (left, right) => ...)',
    })
  const shared = sharedKeys(spec)
  const fields: Field[] = []
  const columns: JoinColumn[] = []
  for (const [i, f] of left.schema.fields.entries()) {
    const key = shared.includes(f.name) ? sharedColumn(f.name, spec) : undefined
    fields.push(key?.field ?? field(f.name, f.type, f.nullable || how === 'right' || how === 'full'))
    columns.push(key?.column ?? from('left', i))
  }
  const clashes: string[] = []
  for (const [i, f] of right.schema.fields.entries()) {
    if (shared.includes(f.name)) continue
    const name = prefix + f.name
    if (Schema.indexOf(left.schema, name) >= 0) clashes.push(quoteName(name))
    fields.push(field(name, f.type, f.nullable || how === 'left' || how === 'full'))
    columns.push(from('right', i))
  }
  if (clashes.length > 0)
    throw new MillraceError('COLUMN_CLASH', `invalid columns: both sides have ${clashes.join(', ')}`, {
      site,
      hint: 'give a prefix for the columns of the right: { prefix: "right_" }, or pick those that are needed',
    })
  return { schema: Schema.record(fields), columns: Object.freeze(columns) }
}

/** A shared key column is taken from a side that is always there; of a full join from either. */
function sharedColumn(name: string, { left, right, how, leftKey }: JoinSpec): { field: Field; column: JoinColumn } {
  const l = column(left.schema, name)
  const r = column(right.schema, name)
  if (how === 'right')
    return { field: field(name, r.type, r.nullable), column: from('right', Schema.indexOf(right.schema, name)) }
  if (how !== 'full')
    return { field: field(name, l.type, l.nullable), column: from('left', Schema.indexOf(left.schema, name)) }
  const position = leftKey.kind === 'columns' ? leftKey.columns.indexOf(name) : -1
  return { field: field(name, commonType(l.type, r.type)!, l.nullable || r.nullable), column: from('key', position) }
}

function from(side: JoinColumn['side'], column: number): JoinColumn {
  return Object.freeze({ side, column })
}
