import type { DistributedNode } from './distribute.ts'

/**
 * Operators that make watermarks do so by split; these, and what leads to them. Others hear of no splits: through every
 * exchange each site tells all the others, as many times as it has been told.
 */
export function tellingSplits(nodes: readonly DistributedNode[]): ReadonlySet<number> {
  const telling = new Set<number>()
  for (const [index, { node, inputs }] of [...nodes.entries()].reverse()) {
    if (node.kind === 'operator' && node.spec.makesWatermarks === true) telling.add(index)
    if (telling.has(index)) for (const { edge } of inputs) telling.add(edge.from)
  }
  return telling
}
