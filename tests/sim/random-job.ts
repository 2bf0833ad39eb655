/**
 * Jobs for simulated clusters, from a seed: a random plan over random tables that are cut into splits, and how it is run.
 *
 * Left out is what several workers, or splits, make depend on the order of arrival: `limit`, `distinct` by a key and what
 * rounds (sums of doubles of very different size, and whatever looks at a sum of doubles): plans that mean something else
 * over the same rows in another order.
 * Which rows are late depends on it too, so that no row is late here: watermarks stay far behind (`timed-job.ts` has
 * those that do not).
 */
import { inputsOf, MillraceError, nodesOf, type PlanNode, rewrite } from '@millrace/plan'
import { dependsOnRounding, randomPlans } from '@millrace/testing/random-plans'
import { interpret, type Tables } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import type { Drain, Feed } from './workload.ts'

export interface Run {
  readonly workers: number
  readonly batchRows: number
  readonly generate: boolean
  readonly optimise: boolean
  readonly drain: Drain
  /** How it ends before its end, after so many milliseconds. */
  readonly ends: 'itself' | 'cancelled' | 'stopped' | 'failing'
  readonly afterMs: number
}

export interface RandomJob {
  readonly plan: readonly PlanNode[]
  readonly feeds: ReadonlyMap<string, Feed>
  readonly run: Run
  /** By root, how often each row is there in the end. */
  readonly expected: readonly ReadonlyMap<string, number>[]
}

const drains: fc.Arbitrary<Drain> = fc.record({
  place: fc.constantFrom('workers', 'one', 'caller'),
  pauseMs: fc.constantFrom(0, 0, 2, 100),
})

export const runs: fc.Arbitrary<Run> = fc.record({
  workers: fc.constantFrom(1, 2, 2, 3, 4),
  batchRows: fc.constantFrom(1, 2, 7, 100),
  generate: fc.boolean(),
  optimise: fc.boolean(),
  drain: drains,
  ends: fc.constantFrom('itself', 'itself', 'itself', 'cancelled', 'stopped', 'failing'),
  afterMs: fc.oneof(fc.nat({ max: 100 }), fc.nat({ max: 3000 })),
})

const jobs = fc.record({
  random: randomPlans({ size: 6 }),
  run: runs,
  live: fc.boolean(),
  times: fc.constantFrom(1, 10, 30, 100),
  splits: fc.infiniteStream(fc.constantFrom(0, 1, 1, 2, 3, 9)),
  waits: fc.infiniteStream(fc.boolean()),
  concurrentSplits: fc.constantFrom(1, 2, 9),
  places: fc.infiniteStream(fc.constantFrom('workers', 'workers', 'workers', 'caller')),
})

type Drawn = typeof jobs extends fc.Arbitrary<infer T> ? T : never

/** The job of this seed; undefined: the seed has none whose result is the same in every order. */
export function randomJob(seed: number): RandomJob | undefined {
  for (const drawn of fc.sample(jobs, { seed, numRuns: 4 })) {
    const job = jobFrom(drawn)
    if (job !== undefined) return job
  }
  return undefined
}

function jobFrom({ random, run, live, times, splits, waits, concurrentSplits, places }: Drawn): RandomJob | undefined {
  if (dependsOnRounding(random.plan)) return undefined
  const plan = prepared(random.plan, live)
  const joins = nodesOf(plan).filter(node => node.kind === 'join').length
  const repeats = joins === 0 ? times : joins === 1 ? Math.min(times, 3) : 1
  const tables = new Map([...random.tables].map(([label, rows]) => [label, repeated(rows, repeats)]))
  const expected = meaning(plan, tables)
  if (expected === undefined || nodesOf(plan).some(picks)) return undefined
  const feeds = new Map<string, Feed>()
  for (const [label, rows] of tables) {
    const count = next(splits)
    const cut = rows.length === 0 ? count : Math.max(1, count)
    feeds.set(label, {
      splits: Array.from({ length: cut }, (_, i) => rows.filter((_, at) => Math.floor((at * cut) / rows.length) === i)),
      waits: next(waits),
      bounded: !live,
      concurrentSplits,
      place: next(places),
    })
  }
  return { plan, feeds, run, expected }
}

function next<T>(stream: Iterator<T>): T {
  return stream.next().value as T
}

function repeated<T extends object>(rows: readonly T[], times: number): T[] {
  return Array.from({ length: times }, () => rows.map(row => ({ ...row }))).flat()
}

/** Takes rows by their order. */
function picks(node: PlanNode): boolean {
  return node.kind === 'limit' || (node.kind === 'distinct' && node.key !== null)
}

/** Nobody is late, and sources are live if asked for. */
function prepared(plan: readonly PlanNode[], live: boolean): readonly PlanNode[] {
  return rewrite(plan, node => {
    const timely = node.kind === 'eventTime' ? { ...node, strategy: { ...node.strategy, disorderMs: 2 ** 52 } } : node
    return live ? ({ ...timely, collection: collectionOf(node) } as PlanNode) : timely
  })
}

function collectionOf(node: PlanNode): PlanNode['collection'] {
  if (node.kind === 'source') return 'appending'
  const inputs = inputsOf(node).map(input => input.collection)
  const updates = 'window' in node ? node.window === null : node.kind === 'distinct'
  return updates || inputs.includes('updating') ? 'updating' : 'appending'
}

/** Rows by their text, of each root; undefined where that is an error, too much, or not the same in other orders. */
function meaning(plan: readonly PlanNode[], tables: Tables): readonly ReadonlyMap<string, number>[] | undefined {
  const forth = contents(plan, tables)
  if (forth === undefined) return undefined
  for (const order of [backwards, inside, rotated]) {
    const other = contents(plan, new Map([...tables].map(([label, rows]) => [label, order(rows)])))
    if (other === undefined || !forth.every((map, i) => sameContents(map, other[i]!))) return undefined
  }
  return forth
}

const backwards = <T>(rows: readonly T[]): T[] => rows.toReversed()
const rotated = <T>(rows: readonly T[]): T[] => [...rows.slice(1), ...rows.slice(0, 1)]
const inside = <T>(rows: readonly T[]): T[] => [
  ...rows.filter((_, i) => i % 3 === 1),
  ...rows.filter((_, i) => i % 3 !== 1),
]

function contents(plan: readonly PlanNode[], tables: Tables): Map<string, number>[] | undefined {
  try {
    const rows = interpret(plan, tables)
    if (rows.some(of => of.length > 20_000)) return undefined
    return rows.map(countsOf)
  } catch (error) {
    if (error instanceof MillraceError || error instanceof RangeError) return undefined
    throw error
  }
}

/** How often each row is there. */
export function countsOf(rows: readonly unknown[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const row of rows.map(shown)) counts.set(row, (counts.get(row) ?? 0) + 1)
  return counts
}

export function sameContents(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  const filled = (of: ReadonlyMap<string, number>): [string, number][] => [...of].filter(([, times]) => times !== 0)
  return filled(a).length === filled(b).length && filled(a).every(([row, times]) => b.get(row) === times)
}

export function shown(row: unknown): string {
  return JSON.stringify(row, (_, v) => {
    if (typeof v === 'bigint') return `${v}n`
    if (typeof v === 'number' && !Number.isSafeInteger(v)) return Number.isFinite(v) ? v.toPrecision(9) : String(v)
    return Object.is(v, -0) ? 0 : v
  })
}
