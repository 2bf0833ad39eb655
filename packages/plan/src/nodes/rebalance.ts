/** Rows dealt out evenly to all workers: what a collection is does not change by it. */
import type { NodeOf, PlanNode } from '../node.ts'
import type { Place } from './place.ts'

export function rebalanceNode({ input, site, name }: Place & { readonly input: PlanNode }): NodeOf<'rebalance'> {
  const { schema, collection } = input
  return Object.freeze({ kind: 'rebalance', schema, collection, site, name, input })
}
