/**
 * Where each physical node runs when a job has several workers, and how rows get from one to the next.
 *
 * A *site* is a place where a share of the job runs: workers 0 to n-1, and the caller, site n, who coordinates them and
 * hosts only what must live there (standard input, `collect()`). Worker i runs subtask i of every node. Which rows go to
 * which subtask follows from what an operator says of its inputs: by key group where it has a key; all of them to
 * worker 0 where one subtask must see all; otherwise they stay where they are. An operator that is sent every row of one
 * input stands where the rows of the others are.
 */
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

export function distribute(plan: PhysicalPlan): readonly DistributedNode[] {
  const nodes: DistributedNode[] = []
  for (const node of plan) {
    const inputs = edgesOf(node).map((edge, i): DistributedInput => ({ edge, exchange: exchangeOf(node, i) }))
    nodes.push({ node, place: placeOf(node, inputs, nodes), inputs })
  }
  return nodes
}

function edgesOf(node: PhysicalNode): readonly Edge[] {
  if (node.kind === 'sink') return [node.input]
  return node.kind === 'operator' ? node.inputs : []
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

/** One subtask has the one key of the whole collection, unless each is to have the rows that are there. */
function needsAll(spec: InputSpec): boolean {
  return spec.key !== undefined && !isKeyed(spec) && spec.exchange !== 'forward'
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
      if (spec.global === true || spec.inputs.some(needsAll)) return 'one'
      if (inputs.some(({ exchange }) => exchange.kind === 'hash' || exchange.kind === 'rebalance')) return 'workers'
      const staying = inputs.filter(({ exchange }) => exchange.kind === 'forward')
      if (staying.length === 0 && inputs.length > 0) return 'workers'
      return staying.some(({ edge }) => nodes[edge.from].place === 'workers') ? 'workers' : 'one'
    }
  }
}
