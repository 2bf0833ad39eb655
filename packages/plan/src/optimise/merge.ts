/** Merges projections that follow one another, and drops those that change nothing. */
import { Schema } from '@millrace/algebra'
import type { Expression } from '../expression/expression.ts'
import { substitute } from '../expression/traverse.ts'
import type { PlanNode, ProjectNode } from '../node.ts'
import { projectNode } from '../nodes/rows.ts'
import { rewrite, usesOf } from '../traverse.ts'

export function mergeProjections(plan: readonly PlanNode[]): PlanNode[] {
  const uses = usesOf(plan)
  return rewrite(plan, (node, original) => {
    if (node.kind !== 'project' || original.kind !== 'project') return node
    const merged = uses.get(original.input) === 1 ? intoOne(node) : node
    return changesNothing(merged) ? merged.input : merged
  })
}

/** The projection with the one below it, if there is one, that does the work of both; else itself. */
function intoOne(node: ProjectNode): ProjectNode {
  const { input: below } = node
  if (below.kind !== 'project' || (node.name !== undefined && below.name !== undefined)) return node
  if (repeatsWork(node, below)) return node
  const computed = new Map(below.columns.map(c => [c.name, c.expression]))
  const columns = node.columns.map(({ name, expression }) => ({ name, expression: substitute(expression, computed) }))
  return projectNode({ input: below.input, columns, site: node.site, name: node.name ?? below.name })
}

/** Whether something is computed below that would have to be computed at two places above. */
function repeatsWork(node: ProjectNode, below: ProjectNode): boolean {
  const computed = new Set(below.columns.filter(c => c.expression.kind === 'call').map(c => c.name))
  const seen = new Set<string>()
  return node.columns.some(({ expression }) =>
    references(expression).some(name => computed.has(name) && (seen.has(name) || !seen.add(name))),
  )
}

/** The columns an expression names, as often as it does. */
function references(expression: Expression): string[] {
  if (expression.kind === 'column') return [expression.name]
  return expression.kind === 'call' ? expression.operands.flatMap(references) : []
}

function changesNothing({ name, columns, schema, input }: ProjectNode): boolean {
  if (name !== undefined || !Schema.equal(schema, input.schema)) return false
  return columns.every(c => c.expression.kind === 'column' && c.expression.name === c.name)
}
