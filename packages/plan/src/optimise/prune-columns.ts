/**
 * Drops columns nobody needs: sources that can read fewer do, projections and joins make fewer, and what goes into a
 * join or an aggregate is narrowed to what they look at, so that no exchange before them carries more.
 *
 * From the sources up, each node is made anew over narrower inputs. Its schema then has at least the columns that
 * are required of it, at most those it had, in the old order.
 */
import { type Field, Schema } from '@millrace/algebra'
import { withInputs } from '../children.ts'
import { hasOwnSides } from '../event-time.ts'
import { column } from '../expression/build.ts'
import { columnsOf } from '../expression/traverse.ts'
import type { JoinColumn, JoinNode, NodeOf, PlanNode, ProjectNode, SourceNode, UnionNode } from '../node.ts'
import { projectNode } from '../nodes/rows.ts'
import { rewrite } from '../traverse.ts'
import { type Columns, isFilter, type Required, requiredColumns } from './required.ts'

export function pruneColumns(plan: readonly PlanNode[]): PlanNode[] {
  const required = requiredColumns(plan)
  return rewrite(plan, (node, original) => pruned(node, original, required))
}

function pruned(node: PlanNode, original: PlanNode, required: Required): PlanNode {
  const own = required.of.get(original)!
  const needs = required.from.get(original)!
  switch (node.kind) {
    case 'source':
      return pruneSource(node, own)
    case 'project':
      return pruneProject(node, own)
    case 'union':
      return pruneUnion(node, own)
    case 'join':
      return original.kind === 'join' ? pruneJoin(node, original, own, needs) : node
    case 'aggregate':
      return withInputs(node, [narrowed(node.input, needs[0]!)])
    case 'side':
      return node.side === 'late' && !hasOwnSides(node.input) ? withSchema(node, lateSchema(node)) : node
    case 'where':
    case 'filter':
    case 'eventTime':
    case 'reduce':
    case 'distinct':
    case 'sort':
    case 'limit':
    case 'stream':
    case 'rebalance':
    case 'sink':
      return withSchema(node, node.input.schema)
    default:
      return node
  }
}

function withSchema<N extends PlanNode>(node: N, schema: Schema): N {
  if (Schema.equal(node.schema, schema)) return node
  const changed = { ...node, schema }
  Object.freeze(changed)
  return changed
}

function lateSchema({ input }: NodeOf<'side'>): Schema {
  return 'input' in input ? input.input.schema : input.schema
}

function pruneSource(node: SourceNode, own: Columns): SourceNode {
  if (!node.source.prunes || node.schema.bare) return node
  const asked = new Set(node.predicates.flatMap(p => [...columnsOf(p)]))
  const fields = node.schema.fields.filter(f => own.has(f.name) || asked.has(f.name))
  if (fields.length === node.schema.fields.length) return node
  const columns = Object.freeze(fields.map(f => f.name))
  return Object.freeze({ ...node, schema: Schema.record(fields), columns })
}

function pruneProject(node: ProjectNode, own: Columns): ProjectNode {
  if (own.size === node.columns.length) return node
  const columns = Object.freeze(node.columns.filter(c => own.has(c.name)))
  return Object.freeze({ ...node, columns, schema: Schema.record(fieldsOf(node, own)) })
}

/** All inputs have to have the same columns: where they do not, those that are needed. */
function pruneUnion(node: UnionNode, own: Columns): UnionNode {
  if (node.schema.bare) return node
  const [first, ...others] = node.inputs.map(input => input.schema.fields)
  const same = others.every(
    fields => fields.length === first!.length && fields.every((f, i) => f.name === first![i]!.name),
  )
  const kept = same ? new Set(first!.map(f => f.name)) : own
  const aligned = withInputs(
    node,
    node.inputs.map(input => narrowed(input, kept)),
  )
  return withSchema(aligned, Schema.record(fieldsOf(node, kept)))
}

/** The join over narrower inputs, in which it looks its columns up by their new places. */
function pruneJoin(node: JoinNode, original: JoinNode, own: Columns, needs: readonly Columns[]): JoinNode {
  if (node.columns === null || node.schema.bare) return node
  const sides = { left: narrowed(node.left, needs[0]!), right: narrowed(node.right, needs[1]!) }
  if (isFilter(node)) return filterOf(withInputs(node, [sides.left, sides.right]))
  const kept = node.columns.filter((_, i) => own.has(node.schema.fields[i]!.name))
  const columns = kept.map(({ side, column }): JoinColumn => {
    if (side === 'key') return { side, column }
    return { side, column: Schema.indexOf(sides[side].schema, original[side].schema.fields[column]!.name) }
  })
  const unmoved =
    columns.length === node.columns.length && columns.every((c, i) => c.column === node.columns![i]!.column)
  const moved = unmoved ? node : Object.freeze({ ...node, columns: Object.freeze(columns.map(c => Object.freeze(c))) })
  return withSchema(withInputs(moved, [sides.left, sides.right]), Schema.record(fieldsOf(node, own)))
}

/** A semi or anti join hands on what its left side has. */
function filterOf(node: JoinNode): JoinNode {
  const { schema } = node.left
  if (Schema.equal(node.schema, schema)) return node
  return Object.freeze({ ...node, schema, columns: Object.freeze(node.columns!.slice(0, schema.fields.length)) })
}

/** The input with only those columns; itself if it has no others, or would have none. */
function narrowed(input: PlanNode, names: Columns): PlanNode {
  const fields = input.schema.fields.filter(f => names.has(f.name))
  if (input.schema.bare || fields.length === 0 || fields.length === input.schema.fields.length) return input
  const columns = fields.map(({ name }) => ({ name, expression: column(input.schema, name) }))
  return projectNode({ input, columns, site: input.site })
}

function fieldsOf(node: PlanNode, names: Columns): Field[] {
  return node.schema.fields.filter(f => names.has(f.name))
}
