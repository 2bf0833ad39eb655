/**
 * A job with asynchronous calls that is killed again and again, with calls under way, and goes on with other numbers of
 * workers: each row's result comes out once, and is late to no window.
 */
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Workshop } from '../cli/workshop.ts'
import { runLives } from './lives.ts'
import { hiddenIn, resultsIn } from './results.ts'

const ROWS = 6000

const program = `
import { count, environment, generate, int32, row, text, timestamp, tumbling } from 'millrace'
import { jsonLines } from 'millrace/files'

const [out, rate, workers, ordered] = process.argv.slice(2)
const env = environment({ parallelism: Number(workers), checkpoints: { dir: out + '-state', every: 60 } })
const limited = Number.isFinite(Number(rate)) ? { ratePerSecond: Number(rate) } : {}
const rows = env
  .stream(generate({ rows: ${ROWS}, splits: 4, ...limited, schema: { id: int32, time: timestamp } }, i => ({ id: i, time: i })))
  .eventTime('time', { disorder: 100 })
const pause = ms => new Promise(resolve => setTimeout(resolve, ms))
const answered = rows
  .mapAsync(
    async ({ id }, { attempt }) => {
      await pause((id * 7919) % 60)
      if (id % 50 === 0 && attempt === 1) throw new Error('not now')
      return { id, text: 'answer ' + id }
    },
    { capacity: 200, ordered: ordered === 'ordered', retry: { attempts: 2, backoff: 5 } },
  )
  .as(row({ id: int32, text }))
const windows = answered.keyBy(r => 'all').window(tumbling(1000)).aggregate({ n: count() })
const jobs = [answered.to(jsonLines(out + '/answers/')), windows.to(jsonLines(out + '/windows/'))]
await env.run(jobs, {
  onEvent(event) {
    if (event.kind === 'checkpoint' || event.kind === 'restored') console.log(JSON.stringify(event))
  },
})
`

const workshop = new Workshop()
beforeAll(() => {
  workshop.write({ 'job.ts': program })
  workshop.install()
})
afterAll(() => workshop.remove())

it.each([
  [[1, 2, 3, 1], 'ordered'],
  [[3, 1, 2], 'unordered'],
])('workers %j, %s', { timeout: 120_000 }, async (layouts, order) => {
  const out = `out-${order}`
  await runLives(
    workshop,
    out,
    1500,
    layouts.map(workers => [`${workers}`, order]),
  )
  const { answers, windows } = resultsIn(join(workshop.folder, out))
  const ids = answers!.map(line => JSON.parse(line) as { id: number; text: string })
  const expected = Array.from({ length: ROWS }, (_, id) => ({ id, text: `answer ${id}` }))
  expect(ids.sort((a, b) => a.id - b.id)).toEqual(expected)
  const counts = windows!.map(line => JSON.parse(line) as { windowStart: string; n: number })
  expect(counts.map(({ windowStart, n }) => [Date.parse(windowStart), n] as const).sort(([a], [b]) => a - b)).toEqual(
    Array.from({ length: ROWS / 1000 }, (_, w) => [w * 1000, 1000]),
  )
  expect(hiddenIn(join(workshop.folder, out))).toEqual([])
  expect(existsSync(join(workshop.folder, `${out}-state`))).toBe(true)
  rmSync(join(workshop.folder, `${out}-state`), { recursive: true })
})
