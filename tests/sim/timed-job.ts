/**
 * Jobs in which watermarks decide: rows in the order of their times within each split, counted by key and window. All
 * splits are read at once, so that without idleness no row is late however reading interleaves, and results are exact. A
 * split that falls idle is not waited for: then rows may be late, but every row is counted or late, and none both.
 */
import { field, Schema } from '@millrace/algebra'
import {
  aggregateNode,
  eventTimeNode,
  joinNode,
  type KeySpec,
  type PlanNode,
  sideNode,
  sourceNode,
  unionNode,
} from '@millrace/plan'
import { interpret } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import { type RandomJob, runs, shown } from './random-job.ts'
import type { Contents, Feed } from './workload.ts'

const schema = Schema.record([field('k', 'int32'), field('t', 'timestamp')])
const names = Schema.record([field('k', 'int32'), field('name', 'text')])
const byKey: KeySpec = { kind: 'columns', columns: ['k'] }
const site = undefined
const HOUR = 3_600_000

const row = fc.record({ k: fc.oneof(fc.constant(0), fc.nat({ max: 20 })), pause: fc.nat({ max: 20 * 60_000 }) })
const split = fc.array(row, { maxLength: 60, size: 'max' }).map(rows => {
  let t = 0
  return rows.map(({ k, pause }) => ({ k, t: (t += pause) }))
})
const table = fc.record({
  splits: fc.array(split, { maxLength: 6 }),
  waits: fc.boolean(),
  place: fc.constantFrom('workers' as const, 'workers' as const, 'caller' as const),
})

const jobs = fc.record({
  tables: fc.array(table, { minLength: 1, maxLength: 2 }),
  live: fc.boolean(),
  idleMs: fc.constantFrom(undefined, undefined, 50),
  alignMs: fc.constantFrom(undefined, HOUR, 60_000),
  everyRows: fc.constantFrom(1, 3),
  joins: fc.boolean(),
  run: runs,
})

export interface TimedJob extends RandomJob {
  /** Some rows may be late; counted or late, there are so many. */
  readonly rows: number | undefined
}

export function timedJob(seed: number): TimedJob {
  const { tables, live, idleMs, alignMs, everyRows, joins, run } = fc.sample(jobs, { seed, numRuns: 1 })[0]!
  const feeds = new Map<string, Feed>(
    tables.map((from, i) => [`t${i}`, { ...from, bounded: !live, concurrentSplits: from.splits.length + 1 }]),
  )
  const known = Array.from({ length: 21 }, (_, k) => ({ k, name: `n${k}` }))
  const build: Feed = {
    splits: [known.slice(0, 9), known.slice(9)],
    waits: true,
    bounded: true,
    concurrentSplits: 1,
    place: 'workers',
  }
  if (joins) feeds.set('names', build)
  const plan = (disorderMs: number): PlanNode[] => {
    const strategy = { disorderMs, idleMs, alignMs, everyRows }
    const read = (label: string, of: Schema): PlanNode =>
      sourceNode({ source: { label, schema: of, bounded: feeds.get(label)!.bounded, prunes: false }, site })
    const timed = tables.map((_, i) => eventTimeNode({ input: read(`t${i}`, schema), time: timeOf, strategy, site }))
    const all = timed.length === 1 ? timed[0]! : unionNode({ inputs: timed, site })
    const input = joins
      ? joinNode({ left: all, right: read('names', names), how: 'inner', leftKey: byKey, rightKey: byKey, site })
      : all
    const window = { kind: 'tumbling', sizeMs: HOUR, slideMs: HOUR, offsetMs: 0 } as const
    const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
    const windows = aggregateNode({ input, key: byKey, window, aggregates, site })
    return [windows, sideNode({ input: windows, side: 'late', site })]
  }
  const rows = new Map([...feeds].map(([label, { splits }]) => [label, splits.flat()]))
  const expected = interpret(plan(2 ** 52), rows).map(of => new Map(of.map(row => [shown(row), 1])))
  const count = tables.reduce((sum, { splits }) => sum + splits.flat().length, 0)
  return { plan: plan(0), feeds, run, expected, rows: idleMs === undefined ? undefined : count }
}

const timeOf = (row: { readonly t: number }): number => row.t

/** Rows counted in windows and late ones, together. */
export function rowsIn(windows: Contents, late: Contents): number {
  let sum = 0
  for (const [row, times] of windows) sum += times * (JSON.parse(row) as { n: number }).n
  for (const times of late.values()) sum += times
  return sum
}
