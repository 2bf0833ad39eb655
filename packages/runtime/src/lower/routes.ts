/** Which sites a job's rows go between, given where its nodes run. */
import type { DistributedNode, Exchange, Place } from './distribute.ts'

/** One direction between two sites, for one input of one node. */
export interface Route {
  /** Index of the node that receives, and which of its inputs. */
  readonly node: number
  readonly input: number
  readonly from: number
  readonly to: number
}

/** The sites a node runs on. The caller is the site behind the last worker. */
export function sitesOf(place: Place, workers: number): readonly number[] {
  if (place === 'one') return [0]
  return place === 'caller' ? [workers] : Array.from({ length: workers }, (_, i) => i)
}

export function runsAt(place: Place, workers: number, site: number): boolean {
  return sitesOf(place, workers).includes(site)
}

/** The sites that a sender's rows go to. */
export function targetsOf(exchange: Exchange, from: number, receivers: readonly number[]): readonly number[] {
  if (exchange.kind !== 'forward') return receivers
  return [receivers.includes(from) ? from : receivers[0]]
}

/** Every route between two different sites, in an order that all sites find. */
export function routesOf(nodes: readonly DistributedNode[], workers: number): readonly Route[] {
  const routes: Route[] = []
  for (const [node, { place, inputs }] of nodes.entries()) {
    const receivers = sitesOf(place, workers)
    for (const [input, { edge, exchange }] of inputs.entries())
      for (const from of sitesOf(nodes[edge.from].place, workers))
        for (const to of targetsOf(exchange, from, receivers)) if (to !== from) routes.push({ node, input, from, to })
  }
  return routes
}
