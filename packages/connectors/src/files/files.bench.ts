/**
 * Rows a second read from and written to files, beside the plain loops over objects that one would write by hand. Ratios
 * travel, absolute figures do not.
 * `npm run build && npx esbuild packages/connectors/src/files/files.bench.ts --bundle --packages=external --platform=node --format=esm --outfile=out/files.bench.mjs && node --expose-gc out/files.bench.mjs [name]`
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Batch } from '@millrace/algebra'
import { BatchBuilder } from '@millrace/algebra'
import { boolean, double, type Host, int32, type Sink, type Source, schemaOf, text, timestamp } from '@millrace/runtime'
import { csv } from './csv/csv.ts'
import { jsonLines } from './json-lines/json-lines.ts'
import { parquet } from './parquet/parquet.ts'

const ROWS = 200_000
const ROUNDS = 7
const columns = { at: timestamp, id: int32, origin: text, price: double.nullable(), good: boolean, name: text }
const schema = schemaOf(columns)
const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))

const rows = Array.from({ length: ROWS }, (_, i) => ({
  at: 980_000_000_000 + i * 7919,
  id: i,
  origin: ['SEA', 'SFO', 'JFK', 'ORD'][i % 4]!,
  price: i % 9 === 0 ? null : Math.round(Math.sin(i) * 1e5) / 100,
  good: i % 3 === 0,
  name: `row ${i} of many`,
}))

const builder = new BatchBuilder(schema)
const batches: Batch[] = []
for (let i = 0; i < ROWS; i += 1024) {
  for (const row of rows.slice(i, i + 1024)) builder.append(row)
  batches.push(builder.take())
}

const host: Host = {
  now: Date.now,
  elapsed: () => performance.now(),
  random: Math.random,
  choose: () => 0,
  timer: () => () => {},
  answered: callback => callback(),
  yield: () => new Promise(resolve => setImmediate(resolve)),
  doorbell: () => ({ ring: () => {}, wait: async () => {} }),
}

async function write(sink: Sink): Promise<void> {
  let wake = () => {}
  const place = { subtask: 0, parallelism: 1, jobId: 'bench', checkpointed: false }
  const writer = await sink.open({ host, schema, collection: 'bounded', ...place, wake: () => wake() })
  for (const batch of batches) {
    while (!writer.ready) await new Promise<void>(resolve => (wake = resolve))
    writer.write(batch)
  }
  await sink.commit(await writer.prepareCommit())
  await writer.close()
}

async function read(source: Source): Promise<void> {
  for (const split of await source.splits({ host, parallelism: 1 })) {
    let wake = () => {}
    let woken = new Promise<void>(resolve => (wake = resolve))
    const reject = () => {
      throw new Error('a row was refused')
    }
    const reader = source.open(split, { host, schema, predicates: [], wake: () => wake(), reject })
    for (let polled = reader.poll(1024); polled !== 'end'; polled = reader.poll(1024)) {
      if (polled !== 'wait') continue
      await woken
      woken = new Promise<void>(resolve => (wake = resolve))
    }
    await reader.close()
  }
}

const path = (name: string) => join(folder, name)
const sum = { ids: 0 }
function parseLines(): void {
  for (const line of readFileSync(path('a.jsonl'), 'utf8').split('\n'))
    if (line !== '') sum.ids += (JSON.parse(line) as { id: number }).id
}
function stringifyRows(): void {
  let lines = ''
  for (const row of rows) lines += `${JSON.stringify({ ...row, at: new Date(row.at) })}\n`
  writeFileSync(path('b.jsonl'), lines)
}

const cases: [name: string, run: () => void | Promise<void>][] = [
  ['write jsonLines', () => write(jsonLines(path('a.jsonl')))],
  ['write JSON.stringify', stringifyRows],
  ['write csv', () => write(csv(path('a.csv')))],
  ['write parquet', () => write(parquet(path('a.parquet')))],
  ['read jsonLines', () => read(jsonLines(path('a.jsonl'), columns))],
  ['read JSON.parse', parseLines],
  ['read csv', () => read(csv(path('a.csv'), columns))],
  ['read parquet', () => read(parquet(path('a.parquet'), columns))],
]

try {
  const taken = new Map<string, number[]>()
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, run] of cases) {
      globalThis.gc?.() // of what the case before left
      const before = process.cpuUsage()
      await run()
      const { user, system } = process.cpuUsage(before)
      if (round > 0) taken.set(name, [...(taken.get(name) ?? []), user + system])
    }
  for (const [name, times] of taken) {
    const median = times.sort((a, b) => a - b)[times.length >> 1]!
    if (name.includes(process.argv[2] ?? ''))
      console.log(name.padEnd(24), (ROWS / median).toFixed(2), 'M rows a CPU second')
  }
} finally {
  rmSync(folder, { recursive: true })
}
