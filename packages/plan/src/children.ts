/**
 * The one table of children: which properties of each kind of node hold its inputs. Everything that goes through
 * plans is driven by it, so a new kind of node is one row here.
 */
import type { NodeKind, NodeOf, PlanNode } from './node.ts'

/** The properties of a node that hold one input or several. */
type InputProperty<N> = {
  [P in keyof N]: N[P] extends PlanNode | readonly PlanNode[] ? P : never
}[keyof N]

export const children = {
  source: [],
  map: ['input'],
  filter: ['input'],
  flatMap: ['input'],
  mapAsync: ['input'],
  where: ['input'],
  project: ['input'],
  eventTime: ['input'],
  union: ['inputs'],
  aggregate: ['input'],
  reduce: ['input'],
  windowProcess: ['input'],
  scan: ['input'],
  process: ['input'],
  connectBroadcast: ['input', 'broadcast'],
  join: ['left', 'right'],
  distinct: ['input'],
  sort: ['input'],
  limit: ['input'],
  stream: ['input'],
  rebalance: ['input'],
  side: ['input'],
  sink: ['input'],
} as const satisfies { [K in NodeKind]: readonly InputProperty<NodeOf<K>>[] }

type Holder = Readonly<Partial<Record<string, PlanNode | readonly PlanNode[]>>>

/** The inputs of a node, from left to right. */
export function inputsOf(node: PlanNode): readonly PlanNode[] {
  const holder = node as unknown as Holder
  return children[node.kind].flatMap(property => holder[property]!)
}

/**
 * The node with other inputs, as many as it has; itself if they are the same. They must have the schemas of the old
 * ones: what the node computed from those is kept.
 */
export function withInputs<N extends PlanNode>(node: N, inputs: readonly PlanNode[]): N {
  if (inputsOf(node).every((input, i) => input === inputs[i])) return node
  const holder = node as unknown as Holder
  let taken = 0
  const replaced = children[node.kind].map(property => {
    const old = holder[property]!
    if (!Array.isArray(old)) return [property, inputs[taken++]]
    const several = inputs.slice(taken, taken + old.length)
    taken += old.length
    return [property, Object.freeze(several)]
  })
  return Object.freeze({ ...node, ...Object.fromEntries(replaced) })
}
