/** Aggregates of aggregates, whose rows are taken back and replaced as more come. */
import { avg, count, max, min, sum } from 'millrace'
import { jsonLines } from 'millrace/files'
import { env, flightFiles, target } from './around.ts'

const counts = env
  .stream(flightFiles)
  .keyBy('origin', 'tail')
  .aggregate({ n: count(), worst: max('delay') })
const byTail = counts.keyBy('tail').aggregate({
  origins: count(),
  rows: sum('n'),
  mean: avg('n'),
  least: min('n'),
  most: max('n'),
  worst: min('worst'),
})
const alike = counts
  .where(c => c.n.gt(20))
  .keyBy('n')
  .count()
const again = alike.keyBy('count').aggregate({ sizes: count(), greatest: max('n') })
const changelog = { changelog: true } as const
await env.run([
  byTail.to(jsonLines(target('byTail.jsonl'), undefined, changelog)),
  alike.to(jsonLines(target('alike.jsonl'), undefined, changelog)),
  again.to(jsonLines(target('again.jsonl/'), undefined, changelog)),
])
