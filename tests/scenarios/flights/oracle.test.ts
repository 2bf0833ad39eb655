import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import Papa from 'papaparse'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { AIRPORTS, FLIGHTS } from './files.ts'
import { type Flight, naive } from './naive.ts'
import { type DelayWindow, daily, delayWindows, lateRows, scheduleInversions, type WindowSpec } from './oracle.ts'

const HOUR_MS = 3_600_000
const ROWS = 200_000
const sixHourly: WindowSpec = { sizeMs: 6 * HOUR_MS, slideMs: HOUR_MS }

let flights: Flight[]
let csv: string
let folder: string

beforeAll(async () => {
  const file = await asyncBufferFromFile(FLIGHTS)
  const columns = ['date', 'delay', 'origin']
  flights = (await parquetReadObjects({ file, compressors, columns, rowEnd: ROWS })) as unknown as Flight[]
  csv = readFileSync(AIRPORTS, 'utf8')
  folder = mkdtempSync(join(tmpdir(), 'flights-'))
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function states(text: string): Map<string, string> {
  const { data } = Papa.parse<{ iata: string; state: string }>(text, { header: true, skipEmptyLines: true })
  return new Map(data.map(airport => [airport.iata, airport.state]))
}

function minutes(flight: Flight): number {
  return Number(flight.delay) * 60_000
}

function expectSame(actual: DelayWindow[], expected: DelayWindow[]): void {
  // Means are the one figure that may differ in its last bits: DuckDB divides another sum.
  const round = (w: DelayWindow) => ({ ...w, meanDelay: Number(w.meanDelay.toPrecision(12)) })
  expect(actual.map(round)).toEqual(expected.map(round))
}

describe('the SQL oracle of the flights scenario', () => {
  it('may take the file as it lies: it is in the order of the schedule', async () => {
    expect(await scheduleInversions({ flights: FLIGHTS })).toBe(0)
  })

  for (const [name, window] of Object.entries({
    daily,
    'six hours every hour': sixHourly,
    'seven hours every two': { sizeMs: 7 * HOUR_MS, slideMs: 2 * HOUR_MS },
  }))
    for (const hours of [0, 18])
      it(`agrees with the naive twin: ${name}, disorder ${hours} h`, async () => {
        const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs: hours * HOUR_MS, rows: ROWS }
        const expected = naive(flights, states(csv), input.disorderMs, window)
        expect(expected.late.rows).toBeGreaterThan(1000)
        expect(await lateRows(input, window)).toEqual(expected.late)
        expectSame(await delayWindows(input, window), expected.windows)
      })

  it('closes a window to the millisecond', async () => {
    // Departures are whole minutes, so an edge is met only by a bound that puts a watermark there on purpose.
    const newest = flights.slice(0, 100 * 1024).reduce((max, f) => Math.max(max, f.date.getTime() + minutes(f)), 0)
    const edge = 6 * HOUR_MS + (newest % HOUR_MS)
    const late = new Set<number>()
    for (const disorderMs of [edge, edge + 1]) {
      const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs, rows: ROWS }
      const expected = naive(flights, states(csv), disorderMs, sixHourly)
      late.add(expected.late.rows)
      expect(await lateRows(input, sixHourly)).toEqual(expected.late)
      expectSame(await delayWindows(input, sixHourly), expected.windows)
    }
    expect(late.size).toBe(2)
  })

  it('lets flights of unknown airports move the watermark and drops them', async () => {
    const lines = csv.split('\n').filter(line => !/^(ORD|DFW|LAX|ATL|MIA|EWR|JFK|PHL),/.test(line))
    const airports = join(folder, "some of the world's airports.csv")
    writeFileSync(airports, lines.join('\n'))
    const input = { flights: FLIGHTS, airports, disorderMs: 18 * HOUR_MS, rows: ROWS }
    const known = states(lines.join('\n'))
    const expected = naive(flights, known, input.disorderMs, daily)
    const late = await lateRows(input, daily)
    expect(late).toEqual(expected.late)
    expectSame(await delayWindows(input, daily), expected.windows)
    expect(late.rows).not.toBe(naive(flights, known, input.disorderMs, daily, true).late.rows)
  })

  it('loses no row: the windows of a day and the late ones are the joined flights', async () => {
    const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs: 18 * HOUR_MS }
    const windows = await delayWindows(input, daily)
    const late = await lateRows(input, daily)
    expect(late.rows).toBeGreaterThan(0)
    expect(windows.reduce((sum, w) => sum + w.departures, late.rows)).toBe(3_000_000)
  })

  it('refuses windows with gaps between them', async () => {
    const input = { flights: FLIGHTS, airports: AIRPORTS, disorderMs: 0 }
    await expect(lateRows(input, { sizeMs: 1, slideMs: 2 })).rejects.toThrow('invalid slide: 2')
  })
})
