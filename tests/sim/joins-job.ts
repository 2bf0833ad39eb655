/**
 * Jobs of joins whose sides come of the same few sources, crosswise: what waits for a build side to end must not hold up
 * what that side itself waits for, wherever either is. Keys are nearly unique, so that results stay small and rows many.
 */
import { field, Schema } from '@millrace/algebra'
import { functionNode, type JoinHow, joinNode, type PlanNode, sourceNode, unionNode } from '@millrace/plan'
import { interpret } from '@millrace/testing/reference/plan'
import fc, { type GeneratorValue } from 'fast-check'
import { countsOf, type RandomJob, type Run, runs } from './random-job.ts'
import type { Feed } from './workload.ts'

const schema = Schema.record([field('id', 'int32'), field('v', 'int32')])
const byId = { kind: 'columns', columns: ['id'] } as const
const hows: readonly JoinHow[] = ['semi', 'anti']
const site = undefined
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
  const run: Run = g(() => runs)
  const feeds = new Map<string, Feed>()
  const nodes: PlanNode[] = []
  for (let i = upTo(2); i >= 0; i--) {
    const label = `t${i}`
    const rows = Array.from({ length: pick([0, 10, 600, 600]) }, (_, id) => ({ id: id % 250, v: i }))
    const cut = pick([1, 1, 2, 5])
    const splits = Array.from({ length: cut }, (_, s) => rows.filter((_, at) => at % cut === s))
    const place = pick(['workers', 'workers', 'caller'] as const)
    feeds.set(label, { splits, waits: upTo(3) === 0, bounded: true, concurrentSplits: pick([1, 9]), place })
    nodes.push(sourceNode({ source: { label, schema, bounded: true, prunes: false }, site }))
  }
  const tables = new Map([...feeds].map(([label, { splits }]) => [label, splits.flat()]))
  for (let i = 2 + upTo(4); i >= 0; i--) {
    const node = step(pick, nodes, upTo(1000))
    if (interpret([node], tables)[0]!.length <= MOST_ROWS) nodes.push(node)
  }
  const plan = [nodes.at(-1)!, ...Array.from({ length: upTo(3) }, () => pick(nodes))]
  return { plan, feeds, run, expected: interpret(plan, tables).map(countsOf) }
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
