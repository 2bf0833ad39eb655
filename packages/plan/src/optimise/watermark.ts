/** Which parts of a plan the watermark decides about. */
import { inputsOf } from '../children.ts'
import type { PlanNode } from '../node.ts'
import { nodesOf } from '../traverse.ts'

/**
 * The nodes from whose rows a watermark may be made that some window or timer further on acts upon. Below those no
 * row may be dropped before the watermark is made: it would stand further back, and a row that is late would not be.
 */
export function watermarked(plan: readonly PlanNode[]): ReadonlySet<PlanNode> {
  const found = new Set<PlanNode>()
  for (const node of nodesOf(plan).reverse())
    if (found.has(node) || actsOnWatermark(node)) for (const input of inputsOf(node)) found.add(input)
  return found
}

function actsOnWatermark(node: PlanNode): boolean {
  switch (node.kind) {
    case 'process':
    case 'connectBroadcast':
    case 'windowProcess':
      return true
    case 'aggregate':
    case 'reduce':
      return node.window !== null
    default:
      return false
  }
}
