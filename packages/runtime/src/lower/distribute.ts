/**
 * Where each physical node runs when a job has several workers, and how rows get from one to the next.
 *
 * A *site* is a place where a share of the job runs: workers 0 to n-1, and the caller, site n, who coordinates them and
 * hosts only what must live there (standard input, `collect()`). Worker i runs subtask i of every node. Which rows go to
 * which subtask follows from what an operator says of its inputs: by key group where it has a key; all of them to
 * worker 0 where one subtask must see all; otherwise they stay where they are.
 */
import { GROUP_SHIFT, KEY_GROUPS, type Schema } from '@millrace/algebra'
import { rejectedSchema } from '@millrace/plan'
import type { InputSpec } from '../operator.ts'
import type { Sink } from '../sink.ts'
import type { Source } from '../source.ts'
import type { Edge, PhysicalNode, PhysicalPlan } from './flow.ts'

/** On every worker; on worker 0; in the caller's own thread. */
export type Place = 'workers' | 'one' | 'caller'

export type Exchange =
  /** Rows stay on their site; those of a site without the receiver go to the receiver's first. */
  | { readonly kind: 'forward' }
  /** To the worker that has the key's group. */
  | { readonly kind: 'hash'; readonly columns: readonly number[] }
  /** Every row to every worker. */
  | { readonly kind: 'broadcast' }
  /** Batches go round. */
  | { readonly kind: 'rebalance' }

export interface DistributedInput {
  readonly edge: Edge
  readonly exchange: Exchange
}

export interface DistributedNode {
  readonly node: PhysicalNode
  readonly place: Place
  readonly inputs: readonly DistributedInput[]
}

/** One direction between two sites, for one input of one node. */
export interface Route {
  /** Index of the node that receives, and which of its inputs. */
  readonly node: number
  readonly input: number
  readonly from: number
  readonly to: number
}

export function distribute(plan: PhysicalPlan): readonly DistributedNode[] {
  const nodes: DistributedNode[] = []
  for (const node of plan) {
    const inputs = edgesOf(node).map((edge, i): DistributedInput => ({ edge, exchange: exchangeOf(node, i) }))
    nodes.push({ node, place: placeOf(node, inputs, nodes), inputs })
  }
  return nodes
}

export function edgesOf(node: PhysicalNode): readonly Edge[] {
  if (node.kind === 'sink') return [node.input]
  return node.kind === 'operator' ? node.inputs : []
}

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

/** The worker of `workers` that has a key group: ranges of groups, as even as can be. */
export function workerOfGroup(group: number, workers: number): number {
  return Math.floor((group * workers) / KEY_GROUPS)
}

/** The worker that has the keys of a hash. */
export function workerOfHash(hash: number, workers: number): number {
  return workerOfGroup(hash >>> GROUP_SHIFT, workers)
}

function exchangeOf(node: PhysicalNode, input: number): Exchange {
  if (node.kind !== 'operator') return { kind: 'forward' }
  const spec = node.spec.inputs[input]
  if (spec.exchange !== undefined) return { kind: spec.exchange }
  return isKeyed(spec) ? { kind: 'hash', columns: spec.key!.columns } : { kind: 'forward' }
}

/** A key of no columns is one key: the whole collection's. */
function isKeyed(spec: InputSpec): boolean {
  return spec.key !== undefined && spec.key.columns.length > 0
}

function placeOf(node: PhysicalNode, inputs: readonly DistributedInput[], nodes: readonly DistributedNode[]): Place {
  switch (node.kind) {
    case 'source':
      return (node.node.source as Source).place ?? 'workers'
    case 'sink': {
      const place = (node.node.sink as Sink).place ?? 'one'
      const above = nodes[inputs[0].edge.from].place
      return place === 'workers' && above !== 'workers' ? 'one' : place
    }
    case 'operator': {
      const { spec } = node
      if (spec.global === true || spec.inputs.some(i => i.key !== undefined && !isKeyed(i))) return 'one'
      if (inputs.some(({ exchange }) => exchange.kind !== 'forward')) return 'workers'
      return inputs.some(({ edge }) => nodes[edge.from].place === 'workers') ? 'workers' : 'one'
    }
  }
}

/** The sites a node runs on. The caller is the site behind the last worker. */
export function sitesOf(place: Place, workers: number): readonly number[] {
  if (place === 'one') return [0]
  return place === 'caller' ? [workers] : Array.from({ length: workers }, (_, i) => i)
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
