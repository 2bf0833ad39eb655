/**
 * The optimiser: rules that make a plan cheaper and leave its results alone.
 *
 * Conditions go down first, as far as sources; projections are merged; then what nobody needs is pruned, which makes
 * new projections to merge. Each rule goes through the plan once. A node that stays keeps its name and call site,
 * and one that several consumers share stays one.
 */
import type { PlanNode, SinkNode } from '../node.ts'
import { mergeProjections } from './merge.ts'
import { pruneColumns } from './prune-columns.ts'
import { pushConditions } from './push-conditions.ts'

const rules = [pushConditions, mergeProjections, pruneColumns, mergeProjections]

/** The plan of the same results, in the same order. All nodes that run together have to be given together. */
export function optimise(plan: readonly SinkNode[]): SinkNode[]
export function optimise(plan: readonly PlanNode[]): PlanNode[]
export function optimise(plan: readonly PlanNode[]): PlanNode[] {
  return rules.reduce<PlanNode[]>((nodes, rule) => rule(nodes), [...plan])
}
