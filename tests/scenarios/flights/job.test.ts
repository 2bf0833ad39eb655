/**
 * The main job, run as `npm start` runs it, against SQL over the same two files; and with more workers. There fewer flights
 * may be late, for a window waits for the watermarks of all workers: those that begin later hold it open for longer. What
 * holds at every parallelism is that each flight is in its day or late, and that no other is late.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AIRPORTS, FLIGHTS } from './files.ts'
import { type DelayWindow, daily, delayWindows, lateRows } from './oracle.ts'

const HOUR_MS = 3_600_000
const root = join(import.meta.dirname, '../../..')
const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs: 18 * HOUR_MS }

async function rowsOf(out: string, file: string): Promise<Record<string, unknown>[]> {
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

async function run(out: string, ...more: readonly string[]): Promise<string> {
  const program = [join(root, 'packages/millrace/bin/millrace.js'), 'run', 'examples/flights/delays.ts', out]
  return (await promisify(execFile)(process.execPath, [...program, ...more], { cwd: root })).stdout
}

describe('at parallelism 1', () => {
  let out = ''
  let printed = ''

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'flights-'))
    printed = await run(out)
  }, 120_000)

  afterAll(() => rm(out, { recursive: true }))

  test('every day of every state', async () => {
    const expected = await delayWindows(input, daily)
    expect(expected.length).toBe(9301)
    expect(rounded(await rowsOf(out, 'daily.parquet'))).toEqual(rounded(expected))
  })

  test('the last six hours at every hour', async () => {
    const expected = await delayWindows(input, { sizeMs: 6 * HOUR_MS, slideMs: HOUR_MS })
    expect(expected.length).toBe(207_558)
    expect(rounded(await rowsOf(out, 'recent.parquet'))).toEqual(rounded(expected))
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
    expect(rounded(read)).toEqual(rounded(await rowsOf(out, 'daily.parquet')))
  })
})

describe.each([2, 3])('at parallelism %i', parallelism => {
  let out = ''

  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'flights-'))
    await run(out, '--parallelism', `${parallelism}`)
  }, 120_000)

  afterAll(() => rm(out, { recursive: true }))

  test('each flight is in its day, or late; no more are late than by their watermarks', async () => {
    const connection = await (await DuckDBInstance.create()).connect()
    const file = (name: string) => `read_parquet('${join(out, name)}')`
    const day = '(epoch_ms(date) + delay * 60000) // 86400000'
    const differences = await connection.runAndReadAll(`
      with flight as (
        select state, ${day} as day, count(*) as n
        from read_parquet('${FLIGHTS}') join read_csv('${AIRPORTS}', all_varchar = true) on origin = iata group by all
      ), given as (
        select state, epoch_ms(windowStart) // 86400000 as day, departures::bigint as n from ${file('daily.parquet')}
        union all select state, ${day}, 1 from ${file('late.parquet')}
      )
      select * from (select state, day, sum(n) as n from given group by all) given full join flight using (state, day)
      where given.n is distinct from flight.n`)
    const late = await connection.runAndReadAll(`select count(*)::double from ${file('late.parquet')}`)
    connection.closeSync()
    expect(differences.getRows()).toEqual([])
    expect(late.getRows()[0]![0]).toBeLessThanOrEqual((await lateRows(input, daily)).rows)
  })

  test('no window has less than those flights that are in time', async () => {
    const six = { sizeMs: 6 * HOUR_MS, slideMs: HOUR_MS }
    for (const [file, window] of [
      ['daily.parquet', daily],
      ['recent.parquet', six],
    ] as const) {
      const given = new Map((await rowsOf(out, file)).map(row => [`${row.state} ${row.windowStart}`, row.departures]))
      for (const { state, windowStart, departures } of await delayWindows(input, window))
        if (!(Number(given.get(`${state} ${windowStart}`)) >= departures))
          expect([state, windowStart, given.get(`${state} ${windowStart}`)]).toEqual([state, windowStart, departures])
    }
  })
})
