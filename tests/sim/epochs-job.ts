/**
 * Jobs in which epochs decide: counts by two keys of the same live rows, which update. A key changes at most once an
 * epoch, at its end; one whose worker took an epoch for ended before it had ended on all channels would change more often.
 * And when a sink has all of an epoch, its counts are those of the rows that sources gave before they were cut.
 */
import { field, Schema } from '@millrace/algebra'
import { aggregateNode, type PlanNode, sourceNode } from '@millrace/plan'
import type { TraceEntry } from '@millrace/runtime/inside'
import { interpret } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import { type RandomJob, type Run, runs, shown } from './random-job.ts'
import type { Outcome } from './simulate-job.ts'
import type { Poll } from './workload.ts'

const schema = Schema.record([field('k', 'int32'), field('j', 'int32')])
const site = undefined

const row = fc.record({ k: fc.nat({ max: 12 }), j: fc.constantFrom(0, 0, 0, 1) })

const jobs = fc.record({
  splits: fc.array(fc.array(row, { maxLength: 80, size: 'max' }), { minLength: 1, maxLength: 6 }),
  waits: fc.boolean(),
  concurrentSplits: fc.constantFrom(1, 9),
  run: runs,
})

export function epochsJob(seed: number): RandomJob {
  const { splits, waits, concurrentSplits, run } = fc.sample(jobs, { seed, numRuns: 1 })[0]!
  const input = sourceNode({ source: { label: 'rows', schema, bounded: false, prunes: false }, site })
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  const countBy = (name: string): PlanNode =>
    aggregateNode({ input, key: { kind: 'columns', columns: [name] }, window: null, aggregates, site })
  const plan = [countBy('k'), countBy('j')]
  const expected = interpret(plan, new Map([['rows', splits.flat()]])).map(of => new Map(of.map(r => [shown(r), 1])))
  const feeds = new Map([['rows', { splits, waits, bounded: false, concurrentSplits, place: 'workers' as const }]])
  return { plan, feeds, run, expected }
}

type Changes = readonly (readonly [row: string, weight: number])[]

/** What the changes of a sink show to be wrong with epochs; undefined: nothing. */
export function wrongEpochs({ sinks, trace, polls, whole }: Outcome, { workers, drain }: Run): string | undefined {
  if (workers === 1) return undefined // it cuts its own epochs, and nobody is told
  const prefixes = rowsByEpoch(trace, polls, workers)
  for (const { changes } of sinks) {
    const wrong = oftener(changes, prefixes.length + 1)
    if (wrong !== undefined) return wrong
    const missing = drain.place === 'workers' || !whole ? undefined : notSeen(changes, prefixes)
    if (missing !== undefined) return `no epoch ends with the ${missing} rows given before: ${prefixes.join(', ')}`
  }
  return undefined
}

/** Rows that the sources of all workers had given when they were cut, epoch by epoch. */
function rowsByEpoch(trace: readonly TraceEntry[], polls: readonly Poll[], workers: number): readonly number[] {
  const cuts = Array.from({ length: workers }, (_, worker) =>
    trace.flatMap(({ site, what }, i) => (site === worker && what === 'is told epoch' ? [i] : [])),
  )
  return cuts[0]!.map((_, epoch) =>
    polls.reduce((sum, { site, after, rows }) => (after <= (cuts[site]![epoch] ?? after) ? sum + rows : sum), 0),
  )
}

/** The first of these sums of counts that the sink never had, in order. */
function notSeen(changes: Changes, prefixes: readonly number[]): number | undefined {
  const sums = [0]
  for (const [text, weight] of changes) sums.push(sums.at(-1)! + weight * (JSON.parse(text) as { n: number }).n)
  let at = 0
  for (const prefix of prefixes) {
    at = sums.indexOf(prefix, at)
    if (at < 0) return prefix
  }
  return undefined
}

/** A key that changed more often than there were epochs. */
function oftener(changes: Changes, epochs: number): string | undefined {
  const times = new Map<string, number>()
  for (const [text, weight] of changes) {
    if (weight < 0) continue
    const { n: _, ...key } = JSON.parse(text) as { n: number }
    const shownKey = JSON.stringify(key)
    times.set(shownKey, (times.get(shownKey) ?? 0) + 1)
  }
  const found = [...times].find(([, changed]) => changed > epochs)
  return found && `${found[0]} changed ${found[1]} times in ${epochs} epochs`
}
