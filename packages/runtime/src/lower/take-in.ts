/**
 * Which joins of a job on several workers have to take their left side in before their build side has ended.
 *
 * A join whose left side waits holds up all that stands above that side: sources pause, and with them whatever else
 * they feed. Say that join J waits for join K if something above J's build side stands above K's left side too: until K lets
 * it through, J's build side may not come to its end. Joins that wait for one another in a circle, or for themselves,
 * wait for ever once channels are full; of every circle one takes its left side in, and keeps it (`InputSpec.early`).
 *
 * Where epochs end, an operator of several inputs holds up those on which one has ended until it has on all; behind a join's
 * left that may take as long as the join. So a join holds up what comes to such an operator beside what it lets through.
 *
 * On one site that is found out while the job runs, if it comes to that; with several no site sees the whole circle.
 * Cost: joins squared times nodes.
 */
import type { DistributedNode } from './distribute.ts'

export function takeIn(nodes: readonly DistributedNode[]): readonly DistributedNode[] {
  const above = ancestors(nodes)
  const waiting: Join[] = []
  const early = new Set<number>()
  for (const [index, { node, inputs }] of nodes.entries()) {
    if (node.kind !== 'operator' || !node.spec.inputs.some(input => input.build === true)) continue
    if (node.spec.inputs.some(input => input.early === true)) continue
    const side = (build: boolean): Set<number> =>
      union(inputs.flatMap(({ edge }, i) => ((node.spec.inputs[i].build === true) === build ? [above[edge.from]] : [])))
    const join = { needs: side(true), holdsUp: union([side(false), ...heldByEpochs(index, nodes, above)]) }
    if (inCircle(join, waiting)) early.add(index)
    else waiting.push(join)
  }
  return nodes.map((node, index) => (early.has(index) ? taking(node) : node))
}

/** What stands above the other inputs of operators that a join lets rows through to; nothing where there are no epochs. */
function heldByEpochs(join: number, nodes: readonly DistributedNode[], above: readonly Set<number>[]): Set<number>[] {
  if (!nodes.some(({ node }) => node.kind === 'operator' && node.spec.needsEpochs === true)) return []
  return nodes.flatMap(({ node, inputs }) => {
    const aligned = inputs.filter((_, i) => node.kind === 'operator' && node.spec.inputs[i].build !== true)
    if (!aligned.some(({ edge }) => above[edge.from].has(join))) return []
    return aligned.filter(({ edge }) => !above[edge.from].has(join)).map(({ edge }) => above[edge.from])
  })
}

interface Join {
  /** What its build side comes from. */
  readonly needs: ReadonlySet<number>
  /** What its other sides come from. */
  readonly holdsUp: ReadonlySet<number>
}

/** Each node and all that it comes from. */
function ancestors(nodes: readonly DistributedNode[]): readonly Set<number>[] {
  const above: Set<number>[] = []
  for (const [index, { inputs }] of nodes.entries())
    above.push(union([new Set([index]), ...inputs.map(({ edge }) => above[edge.from])]))
  return above
}

function union(sets: readonly ReadonlySet<number>[]): Set<number> {
  return new Set(sets.flatMap(set => [...set]))
}

/** Whether it waits for itself, perhaps by way of the others, among whom there is no circle. */
function inCircle(join: Join, others: readonly Join[]): boolean {
  const seen = new Set<Join>()
  const reaches = (from: Join): boolean => {
    if (waitsFor(from, join)) return true
    return others.some(other => !seen.has(other) && waitsFor(from, other) && seen.add(other) && reaches(other))
  }
  return reaches(join)
}

function waitsFor(join: Join, other: Join): boolean {
  for (const node of join.needs) if (other.holdsUp.has(node)) return true
  return false
}

function taking(distributed: DistributedNode): DistributedNode {
  const { node } = distributed
  if (node.kind !== 'operator') return distributed
  const inputs = node.spec.inputs.map(input => (input.build === true ? input : { ...input, early: true }))
  return { ...distributed, node: { ...node, spec: { ...node.spec, inputs } } }
}
