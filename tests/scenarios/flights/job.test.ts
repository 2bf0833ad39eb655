/** The main job, run as `npm start` runs it, against SQL over the same two files. */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AIRPORTS, FLIGHTS } from './files.ts'
import { type DelayWindow, daily, delayWindows, lateRows } from './oracle.ts'

const HOUR_MS = 3_600_000
const root = join(import.meta.dirname, '../../..')
const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs: 18 * HOUR_MS }
let out = ''
let printed = ''

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), 'flights-'))
  const program = [join(root, 'packages/millrace/bin/millrace.js'), 'run', 'examples/flights/delays.ts', out]
  printed = (await promisify(execFile)(process.execPath, program, { cwd: root })).stdout
}, 120_000)

afterAll(() => rm(out, { recursive: true }))

async function rowsOf(file: string): Promise<Record<string, unknown>[]> {
  const connection = await (await DuckDBInstance.create()).connect()
  const reader = await connection.runAndReadAll(`
    select state, epoch_ms(windowStart)::double as windowStart, epoch_ms(windowEnd)::double as windowEnd,
      departures::double as departures, meanDelay, worstDelay::double as worstDelay
    from read_parquet('${join(out, file)}') order by windowStart, state`)
  connection.closeSync()
  return reader.getRowObjects()
}

/** To nine digits: a mean is a sum of doubles in some order. */
const rounded = (rows: readonly (DelayWindow | Record<string, unknown>)[]): unknown[] =>
  rows.map(({ meanDelay, ...row }) => ({ ...row, meanDelay: Number((meanDelay as number).toPrecision(9)) }))

test('every day of every state', async () => {
  const expected = await delayWindows(input, daily)
  expect(expected.length).toBe(9301)
  expect(rounded(await rowsOf('daily.parquet'))).toEqual(rounded(expected))
})

test('the last six hours at every hour', async () => {
  const expected = await delayWindows(input, { sizeMs: 6 * HOUR_MS, slideMs: HOUR_MS })
  expect(expected.length).toBe(207_558)
  expect(rounded(await rowsOf('recent.parquet'))).toEqual(rounded(expected))
})

test('the flights too late for their day, and what is shown of them', async () => {
  const { rows, delays } = await lateRows(input, daily)
  const connection = await (await DuckDBInstance.create()).connect()
  const file = join(out, 'late.parquet')
  const late = await connection.runAndReadAll(
    `select count(*)::double, sum(delay)::double from read_parquet('${file}')`,
  )
  connection.closeSync()
  expect(late.getRows()).toEqual([[rows, delays]])
  expect(printed).toContain(`${rows}`)
})

test('JSON Lines hold what Parquet holds', async () => {
  const lines = (await readFile(join(out, 'daily.jsonl'), 'utf8')).trimEnd().split('\n')
  const rows = lines.map(line => JSON.parse(line))
  const byPlace = (a: { windowStart: string; state: string }, b: typeof a) =>
    a.windowStart < b.windowStart ? -1 : a.windowStart > b.windowStart ? 1 : a.state < b.state ? -1 : 1
  const read = rows.sort(byPlace).map(row => ({
    ...row,
    windowStart: Date.parse(row.windowStart),
    windowEnd: Date.parse(row.windowEnd),
  }))
  expect(rounded(read)).toEqual(rounded(await rowsOf('daily.parquet')))
})
