import type { Schema } from '@millrace/algebra'
import { rejectedSchema } from '@millrace/plan'
import type { DistributedNode } from './distribute.ts'
import type { Edge } from './flow.ts'

/** The schema of the rows on an edge. */
export function schemaOfEdge(nodes: readonly DistributedNode[], { from, port }: Edge): Schema {
  const { node } = nodes[from]
  switch (node.kind) {
    case 'source':
      return port === 0 ? node.node.schema : rejectedSchema
    case 'operator':
      return node.spec.outputs[port]
    case 'sink':
      throw new RangeError('a sink has no output')
  }
}
