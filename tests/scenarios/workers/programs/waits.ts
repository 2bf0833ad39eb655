/**
 * Joins that wait for each other: each has to read one source to its end before it reads the other. There are more rows than
 * the channels between workers hold.
 */
import { count, environment, generate, int32, text } from 'millrace'
import { jsonLines } from 'millrace/files'
import { parallelism, target, write } from './around.ts'

const ROWS = 200_000

const env = environment({ parallelism, memory: 24 * 1024 * 1024 })
const columns = { key: int32, note: text }
const note = 'a note that makes the row somewhat longer'
const ones = generate({ rows: ROWS, schema: columns }, i => ({ key: i, note }))
const threes = generate({ rows: ROWS, schema: columns }, i => ({ key: i * 3, note }))

const a = env.dataset(ones)
const b = env.dataset(threes)
const both = a.union(b)
// The end of an epoch comes to the union from the join, behind rows that wait for the very source that waits for it.
const counts = env
  .stream(ones)
  .union(env.stream(threes).join(a, { on: 'key', how: 'semi' }))
  .keyBy(row => row.key % 4)
  .count()

await env.run([
  write('forth', a.join(b, { on: 'key', how: 'semi' }).aggregate({ rows: count() })),
  write('back', b.join(a, { on: 'key', how: 'anti' }).aggregate({ rows: count() })),
  write('broadcast', a.join(b, { on: 'key', how: 'semi', strategy: 'broadcast' }).aggregate({ rows: count() })),
  write('itself', both.join(a, { on: 'key', how: 'semi' }).aggregate({ rows: count() })),
  counts.to(jsonLines(target('counts.jsonl'), undefined, { changelog: true })),
])
