/** Conditions on their way down a plan: the conjuncts of `where` nodes, each of which remembers its node. */
import type { Expression } from '../expression/expression.ts'
import { isTotal } from '../expression/total.ts'
import { conjunction, conjuncts } from '../expression/traverse.ts'
import type { PlanNode, WhereNode } from '../node.ts'
import { whereNode } from '../nodes/rows.ts'

export interface Condition {
  readonly expression: Expression
  /** Where the user wrote it. */
  readonly origin: WhereNode
  /** It also went another way, so that no single node carries it any more. */
  readonly copied: boolean
}

export function conditionsOf(origin: WhereNode): Condition[] {
  return conjuncts(origin.predicate).map(expression => ({ expression, origin, copied: false }))
}

/** It can be asked of any row, also of those that another condition keeps from it. */
export function isSafe({ expression }: Condition): boolean {
  return isTotal(expression) && expression.type.kind === 'boolean'
}

/**
 * The rows of the input for which the conditions, asked in this order, are true. Nodes are as few as can be: named
 * ones stay, and a condition that may fail is asked only of rows that fulfil those before it.
 */
export function settle(input: PlanNode, conditions: readonly Condition[]): PlanNode {
  const groups: Condition[][] = []
  for (const condition of conditions) {
    const group = groups.at(-1)
    if (group !== undefined && joins(condition, group)) group.push(condition)
    else groups.push([condition])
  }
  return groups.reduce(whereOf, input)
}

function joins(condition: Condition, group: readonly Condition[]): boolean {
  const { origin } = group[0]!
  if (condition.origin === origin) return true
  return origin.name === undefined && condition.origin.name === undefined && isSafe(condition)
}

function whereOf(input: PlanNode, group: readonly Condition[]): PlanNode {
  const { origin } = group[0]!
  const all = conjuncts(origin.predicate)
  const whole = group.length === all.length && group.every(c => c.origin === origin && !c.copied)
  const unchanged = whole && group.every((c, i) => c.expression === all[i])
  if (unchanged && input === origin.input) return origin
  const predicate = unchanged ? origin.predicate : conjunction(group.map(c => c.expression))
  return whereNode({ input, predicate, site: origin.site, name: whole ? origin.name : undefined })
}
