/** Which site reads which splits: those of a checkpoint where it goes on from one, else those that there are. */
import { enumerate } from '../driver/enumerate.ts'
import type { Host } from '../host/host.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { sitesOf } from '../lower/routes.ts'
import type { NumberedSplit } from '../source.ts'
import { freeNumbers, type GoingOn, splitsOf } from './go-on.ts'
import type { Assignment } from './protocol.ts'

export interface Dealing {
  readonly nodes: readonly DistributedNode[]
  readonly workers: number
  readonly host: Host
  readonly sites: number
}

/** Splits go round the sites of their source, in the order in which the source gives them. */
export async function dealSplits(
  { nodes, workers, host, sites }: Dealing,
  goingOn: GoingOn | undefined,
): Promise<readonly Assignment[]> {
  const dealt: [number, readonly NumberedSplit[]][][] = Array.from({ length: sites }, () => [])
  let number = goingOn === undefined ? 0 : freeNumbers(goingOn.manifest)
  for (const [index, { node, place }] of nodes.entries()) {
    if (node.kind !== 'source') continue
    const at = sitesOf(place, workers)
    if (goingOn?.matched.records.has(index) === true) {
      for (const [site, splits] of splitsOf(goingOn, index)) dealt[site].push([index, splits])
      continue
    }
    const splits = await enumerate(node.node, { host, parallelism: at.length })
    const shares = at.map((): NumberedSplit[] => [])
    for (const [i, split] of splits.entries()) shares[i % at.length].push({ number: number++, ...split })
    for (const [i, site] of at.entries()) dealt[site].push([index, shares[i]])
  }
  return dealt
}
