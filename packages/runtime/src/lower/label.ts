import type { DistributedNode } from './distribute.ts'

/** What a node is called where users see it. */
export function labelOf({ node }: Pick<DistributedNode, 'node'>): string {
  if (node.kind === 'source') return node.node.source.label
  return node.kind === 'sink' ? node.node.sink.label : node.spec.label
}
