/**
 * Pushes conditions down, as far as their laws let them, and into sources that can apply them while reading.
 *
 * From the roots down, each node is given the conditions that its one consumer asks of its rows. It hands on what
 * may pass to its inputs; the rest stays above it as a `where`. A node that is used twice has to give each of its
 * consumers all rows, so that there everything stays.
 */
import { inputsOf, withInputs } from '../children.ts'
import type { PlanNode, SourceNode } from '../node.ts'
import { usesOf } from '../traverse.ts'
import { type Condition, conditionsOf, isSafe, settle } from './condition.ts'
import { keepsRows, pass } from './pass.ts'
import { watermarked } from './watermark.ts'

export function pushConditions(plan: readonly PlanNode[]): PlanNode[] {
  const uses = usesOf(plan)
  const fixed = watermarked(plan)
  const done = new Map<PlanNode, PlanNode>()

  const push = (node: PlanNode, conditions: readonly Condition[]): PlanNode => {
    if (conditions.length > 0 && uses.get(node) === 1) return place(node, conditions)
    const alone = done.get(node) ?? place(node, [])
    done.set(node, alone)
    return settle(alone, conditions)
  }

  const place = (node: PlanNode, conditions: readonly Condition[]): PlanNode => {
    if (node.kind === 'where') return push(node.input, [...conditionsOf(node), ...conditions])
    const makesWatermarks = node.kind === 'eventTime' || (node.kind === 'source' && node.source.timed === true)
    const blocked = makesWatermarks && fixed.has(node)
    if (node.kind === 'source') return blocked ? settle(node, conditions) : intoSource(node, conditions)
    const { below, stay } = blocked ? { below: [], stay: conditions } : divide(node, conditions)
    const inputs = inputsOf(node).map((input, i) => push(input, below[i] ?? []))
    return settle(withInputs(node, inputs), stay)
  }

  return plan.map(node => push(node, []))
}

interface Division {
  /** For each input what is asked of its rows. */
  readonly below: readonly (readonly Condition[])[]
  readonly stay: readonly Condition[]
}

function divide(node: PlanNode, conditions: readonly Condition[]): Division {
  const below: Condition[][] = inputsOf(node).map(() => [])
  const stay: Condition[] = []
  for (const condition of conditions) {
    // One that may fail must not overtake those before it, which may keep rows from it.
    const may = isSafe(condition) || (keepsRows.has(node.kind) && stay.length === 0)
    const passage = may ? pass(node, condition.expression) : undefined
    if (passage === undefined) {
      stay.push(condition)
      continue
    }
    const copied = condition.copied || passage.filter(expression => expression !== undefined).length > 1
    for (const [i, expression] of passage.entries())
      if (expression !== undefined) below[i]!.push({ ...condition, expression, copied })
  }
  return { below, stay }
}

function intoSource(node: SourceNode, conditions: readonly Condition[]): PlanNode {
  const accepted = conditions.filter(c => isSafe(c) && node.source.accepts?.(c.expression) === true)
  if (accepted.length === 0) return settle(node, conditions)
  const predicates = Object.freeze([...node.predicates, ...accepted.map(c => c.expression)])
  const stay = conditions.filter(c => !accepted.includes(c))
  return settle(Object.freeze({ ...node, predicates }), stay)
}
