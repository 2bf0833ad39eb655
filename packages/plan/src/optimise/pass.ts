/**
 * Which conditions on the rows of a node may be asked of the rows of its inputs instead, and what they are there.
 *
 * The law of each rule: the node's rows for which the condition is true are the rows it makes of its inputs' rows
 * that fulfil the rewritten conditions.
 */
import { type Field, Schema } from '@millrace/algebra'
import { column } from '../expression/build.ts'
import type { Expression } from '../expression/expression.ts'
import { columnsOf, substitute } from '../expression/traverse.ts'
import type { JoinNode, KeySpec, NodeKind, PlanNode, ProjectNode } from '../node.ts'

/** For every input the condition on its rows, if there is one; undefined: the condition stays. */
export type Passage = readonly (Expression | undefined)[] | undefined

/**
 * Nodes whose rows are computed from the same rows that the condition is then asked of: a condition that may fail
 * fails for no row that it would not have met above. Others drop rows, and with them the failure.
 */
export const keepsRows: ReadonlySet<NodeKind> = new Set<NodeKind>([
  'project',
  'union',
  'eventTime',
  'sort',
  'stream',
  'rebalance',
  'distinct',
])

export function pass(node: PlanNode, condition: Expression): Passage {
  switch (node.kind) {
    case 'eventTime':
    case 'sort':
    case 'stream':
    case 'rebalance':
      return [condition]
    case 'union':
      return node.inputs.map(() => condition)
    case 'project':
      return [throughProject(node, condition)]
    case 'distinct':
    case 'aggregate':
      return ofKey(node.kind === 'distinct' && node.key === null ? 'rows' : node.key, condition)
        ? [condition]
        : undefined
    case 'join':
      return throughJoin(node, condition)
    default:
      return undefined
  }
}

function throughProject({ columns }: ProjectNode, condition: Expression): Expression {
  return substitute(condition, new Map(columns.map(c => [c.name, c.expression])))
}

/** Groups are kept or dropped whole by a condition on the key. That of all rows together is one even when empty. */
function ofKey(key: KeySpec | 'rows' | null, condition: Expression): boolean {
  if (key === 'rows') return true
  if (key === null || key.kind !== 'columns') return false
  return [...columnsOf(condition)].every(name => key.columns.includes(name))
}

/** The sides whose rows, dropped, take with them exactly the results that have their columns. */
const droppable = {
  inner: ['left', 'right'],
  left: ['left'],
  right: ['right'],
  full: [],
  semi: ['left'],
  anti: ['left'],
} as const

function throughJoin(node: JoinNode, condition: Expression): Passage {
  if (node.columns === null) return undefined
  const names = [...columnsOf(condition)]
  const origins = names.map(name => node.columns![Schema.indexOf(node.schema, name)]!)
  for (const side of droppable[node.how]) {
    if (!origins.every(origin => origin.side === side)) continue
    const fields = origins.map(origin => node[side].schema.fields[origin.column]!)
    const references = fields.map(f => column(node[side].schema, f.name))
    const own = substitute(condition, new Map(names.map((name, i) => [name, references[i]!])))
    const other = onOtherSide(node, side, fields, own)
    return side === 'left' ? [own, other] : [other, own]
  }
  return undefined
}

/**
 * A condition on one side's key holds for the other's, which is equal. Rows of the other side that do not fulfil it
 * find no partner but those that are dropped. Not for doubles: 0 and -0 are equal, and 1/0 and 1/-0 are not.
 */
function onOtherSide(
  node: JoinNode,
  side: 'left' | 'right',
  fields: readonly Field[],
  condition: Expression,
): Expression | undefined {
  const [key, otherKey] = side === 'left' ? [node.leftKey, node.rightKey] : [node.rightKey, node.leftKey]
  if (fields.length === 0 || key.kind !== 'columns' || otherKey.kind !== 'columns') return undefined
  const other = node[side === 'left' ? 'right' : 'left'].schema
  const equals = new Map<string, Expression>()
  for (const { name, type } of fields) {
    const position = key.columns.indexOf(name)
    if (position < 0) return undefined
    const partner = column(other, otherKey.columns[position]!)
    if (partner.type.kind !== type.kind || !['int32', 'bigint', 'boolean', 'text'].includes(type.kind)) return undefined
    equals.set(name, partner)
  }
  return substitute(condition, equals)
}
