/** Which splits of a checkpoint an operator of a site hears of, if its subtasks are others than before. */
import type { PortRecord } from '../../driver/input-port.ts'
import type { VertexRecord } from '../../driver/vertex-record.ts'
import { sitesOf, targetsOf } from '../../lower/routes.ts'
import type { Site } from '../../lower/site.ts'
import type { Assignment } from '../protocol.ts'

/**
 * The numbers of the splits that are read here, where nothing above tells splits apart by port (`PortSplits`), neither now
 * nor then: else undefined.
 */
export function splitsHere(
  site: Site,
  vertices: ReadonlyMap<number, VertexRecord>,
  assignment: Assignment,
  node: number,
): ReadonlySet<number> | undefined {
  for (let at = node; ; ) {
    const { inputs } = site.nodes[at]
    if (inputs.length === 0) {
      const [, splits] = assignment.find(([of]) => of === at) ?? [at, []]
      return new Set(splits.map(({ number }) => number))
    }
    const ports = vertices.get(at)?.driver as { readonly ports?: readonly PortRecord[] } | null | undefined
    if (inputs.length > 1 || (ports?.ports?.length ?? 1) > 1 || comesFrom(site, at) !== site.index) return undefined
    at = inputs[0].edge.from
  }
}

/** The only site that sends to a node's first input here; undefined if there are several, or none. */
function comesFrom({ nodes, workers, index }: Site, node: number): number | undefined {
  const { place, inputs } = nodes[node]
  const receivers = sitesOf(place, workers)
  const { edge, exchange } = inputs[0]
  const senders = sitesOf(nodes[edge.from].place, workers)
  const sending = senders.filter(from => targetsOf(exchange, from, receivers).includes(index))
  return sending.length === 1 ? sending[0] : undefined
}
