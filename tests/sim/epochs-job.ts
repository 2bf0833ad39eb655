/**
 * Jobs in which epochs decide: counts by two keys of the same live rows, which update. A key changes at most once an
 * epoch, at its end; one whose worker took an epoch for ended before it had ended on all channels would change more often.
 */
import { field, Schema } from '@millrace/algebra'
import { aggregateNode, type PlanNode, sourceNode } from '@millrace/plan'
import { interpret } from '@millrace/testing/reference/plan'
import fc from 'fast-check'
import { type RandomJob, runs, shown } from './random-job.ts'

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

/** A key that changed more often than there were epochs; undefined: none did. */
export function oftener(
  changes: readonly (readonly [row: string, weight: number])[],
  epochs: number,
): string | undefined {
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
