/**
 * Which operator of a checkpoint each node of the plan goes on from.
 *
 * By identity: the name its user gave it, or its kind and number; or by the identity that the user says it had. Sources and
 * sinks without a name must also be of one label: another file under the same number is another source, and what the one has
 * read says nothing of the other.
 */
import type { Manifest, OperatorRecord } from '../checkpoint/manifest.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { labelOf } from '../lower/label.ts'

export interface MatchedOperators {
  /** By node. */
  readonly records: ReadonlyMap<number, OperatorRecord>
  /** Those of the checkpoint that no node goes on from. */
  readonly dropped: readonly OperatorRecord[]
  /** Nodes that begin anew. */
  readonly added: readonly number[]
}

export function matchOperators({ operators }: Manifest, nodes: readonly DistributedNode[]): MatchedOperators {
  const records = new Map<number, OperatorRecord>()
  const left = new Set(operators)
  const take = (node: number, record: OperatorRecord | undefined): void => {
    if (record === undefined) return
    records.set(node, record)
    left.delete(record)
  }
  const ways: ((node: DistributedNode['node'], record: OperatorRecord) => boolean)[] = [
    (node, { id, label }) => id === node.id && (node.kind === 'operator' || node.named || label === labelOf({ node })),
    (node, { id }) => node.was !== undefined && id === node.was,
    (node, { label, named }) => node.kind !== 'operator' && !node.named && !named && label === labelOf({ node }),
  ]
  for (const matches of ways)
    for (const [index, { node }] of nodes.entries()) {
      if (records.has(index)) continue
      const found = [...left].filter(record => record.kind === node.kind && matches(node, record))
      take(index, found.length === 1 ? found[0] : undefined)
    }
  const added = [...nodes.keys()].filter(node => !records.has(node))
  return { records, dropped: [...left], added }
}
