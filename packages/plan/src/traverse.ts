/**
 * Going through plans. A plan is a directed acyclic graph: a node with several consumers is visited once and, when
 * rewritten, stays one node.
 */
import { inputsOf, withInputs } from './children.ts'
import type { PlanNode } from './node.ts'

/** Every node that the given ones are made of, once, inputs before their consumers. */
export function walk(nodes: readonly PlanNode[], visit: (node: PlanNode) => void): void {
  const seen = new Set<PlanNode>()
  const enter = (node: PlanNode) => {
    if (seen.has(node)) return
    seen.add(node)
    inputsOf(node).forEach(enter)
    visit(node)
  }
  nodes.forEach(enter)
}

/** All nodes, inputs before their consumers. */
export function nodesOf(nodes: readonly PlanNode[]): PlanNode[] {
  const all: PlanNode[] = []
  walk(nodes, node => all.push(node))
  return all
}

/**
 * The plan with every node replaced, inputs first, by what `change` makes of it. `change` gets the node with its
 * inputs already replaced (the node itself if they did not change), and the node as it was.
 */
export function rewrite(
  nodes: readonly PlanNode[],
  change: (node: PlanNode, original: PlanNode) => PlanNode,
): PlanNode[] {
  const replaced = new Map<PlanNode, PlanNode>()
  walk(nodes, node => {
    const inputs = inputsOf(node).map(input => replaced.get(input)!)
    replaced.set(node, change(withInputs(node, inputs), node))
  })
  return nodes.map(node => replaced.get(node)!)
}

/** A copy that shares no node with the original, and shares within itself what the original shares. */
export function clone(nodes: readonly PlanNode[]): PlanNode[] {
  return rewrite(nodes, (node, original) => (node === original ? Object.freeze({ ...node }) : node))
}

/** By how many inputs of other nodes, and places among the given ones, each node is used. */
export function usesOf(nodes: readonly PlanNode[]): ReadonlyMap<PlanNode, number> {
  const uses = new Map<PlanNode, number>()
  const use = (node: PlanNode) => uses.set(node, (uses.get(node) ?? 0) + 1)
  walk(nodes, node => inputsOf(node).forEach(use))
  nodes.forEach(use)
  return uses
}
