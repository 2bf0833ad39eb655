/**
 * Jobs of joins whose sides come of the same few sources, crosswise: what waits for a build side to end must not hold up
 * what that side itself waits for, wherever either is. Keys are nearly unique, so that results stay small and rows many.
 */
import { field, Schema } from '@millrace/algebra'
import { functionNode, type JoinHow, joinNode, type PlanNode, sourceNode, unionNode } from '@millrace/plan'
import fc, { type GeneratorValue } from 'fast-check'
import { countsOf, type RandomJob, type Run, runs } from './random-job.ts'
import type { Feed } from './workload.ts'

const schema = Schema.record([field('id', 'int32'), field('v', 'int32')])
const byId = { kind: 'columns', columns: ['id'] } as const
const hows: readonly JoinHow[] = ['semi', 'anti']
const site = undefined

type Row = Readonly<Record<string, unknown>>

/** Rows that a plan may come to anywhere. */
const MOST_ROWS = 5000

export function joinsJob(seed: number): RandomJob {
  return fc.sample(
    fc.gen().map(g => made(g)),
    { seed, numRuns: 1 },
  )[0]!
}

function made(g: GeneratorValue): RandomJob {
  const upTo = (max: number): number => g(() => fc.nat({ max }))
  const pick = <T>(from: readonly T[]): T => from[upTo(from.length - 1)]!
  const drawn: Run = g(() => runs)
  const run = { ...drawn, batchRows: Math.min(drawn.batchRows, 7) }
  const feeds = new Map<string, Feed>()
  const nodes: PlanNode[] = []
  for (let i = 1 + upTo(1); i >= 0; i--) {
    const label = `t${i}`
    const rows = Array.from({ length: pick([10, 600, 600, 600]) }, (_, id) => ({ id: id % 250, v: i }))
    const cut = pick([1, 1, 2, 5])
    const splits = Array.from({ length: cut }, (_, s) => rows.filter((_, at) => at % cut === s))
    const place = pick(['workers', 'workers', 'caller'] as const)
    feeds.set(label, { splits, waits: upTo(3) === 0, bounded: true, concurrentSplits: pick([1, 9]), place })
    nodes.push(sourceNode({ source: { label, schema, bounded: true, prunes: false }, site }))
  }
  const [a, b] = [nodes[0]!, nodes.at(-1)!]
  const crosswise = pick([true, false]) ? [semi(a, b), semi(b, a)] : []
  nodes.push(...crosswise)
  const twin = new JoinsTwin(feeds)
  for (let i = 2 + upTo(4); i >= 0; i--) {
    const node = step(pick, nodes, upTo(1000))
    if (twin.rows(node).length <= MOST_ROWS) nodes.push(node)
  }
  const plan = [...crosswise, nodes.at(-1)!, ...Array.from({ length: upTo(3) }, () => pick(nodes))]
  return { plan, feeds, run, expected: plan.map(node => countsOf(twin.rows(node))) }
}

/** What these plans mean: semi and anti joins by id, filters, unions. */
class JoinsTwin {
  readonly #feeds: ReadonlyMap<string, Feed>
  readonly #known = new Map<PlanNode, readonly Row[]>()

  constructor(feeds: ReadonlyMap<string, Feed>) {
    this.#feeds = feeds
  }

  rows(node: PlanNode): readonly Row[] {
    const rows = this.#known.get(node) ?? this.#compute(node)
    this.#known.set(node, rows)
    return rows
  }

  #compute(node: PlanNode): readonly Row[] {
    switch (node.kind) {
      case 'source':
        return this.#feeds.get(node.source.label)!.splits.flat()
      case 'filter':
        return this.rows(node.input).filter(node.fn as (row: unknown) => boolean)
      case 'union':
        return node.inputs.flatMap(input => this.rows(input))
      case 'join': {
        const ids = new Set(this.rows(node.right).map(row => row.id))
        return this.rows(node.left).filter(row => ids.has(row.id) === (node.how === 'semi'))
      }
      default:
        throw new Error(`no twin of ${node.kind}`)
    }
  }
}

function semi(left: PlanNode, right: PlanNode): PlanNode {
  return joinNode({ left, right, how: 'semi', leftKey: byId, rightKey: byId, site })
}

function step(pick: <T>(from: readonly T[]) => T, nodes: readonly PlanNode[], salt: number): PlanNode {
  const [left, right] = [pick(nodes), pick(nodes)]
  switch (pick(['join', 'join', 'join', 'filter', 'union'])) {
    case 'filter':
      return functionNode({
        input: left,
        kind: 'filter',
        fn: (row: { id: number }) => (row.id * 7 + salt) % 5 > 0,
        site,
      })
    case 'union':
      return unionNode({ inputs: [left, right], site })
    default:
      return joinNode({ left, right, how: pick(hows), leftKey: byId, rightKey: byId, site })
  }
}
