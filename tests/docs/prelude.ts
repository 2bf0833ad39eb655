/** What the examples of the documentation speak of: some flights, airports and payments. */
import { deepStrictEqual } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { DataStream } from '@millrace/api'
import { environment, fromRows, int32, type Source, text, timestamp } from 'millrace'
import { parquet } from 'millrace/files'

export interface Flight {
  date: number
  delay: number
  distance: number
  origin: string
  destination: string
}

export interface Payment {
  card: string
  amount: number
  time: number
}

const day = Date.UTC(2001, 0, 2)
const hour = 3_600_000
const rows: Flight[] = [
  { date: day + 8 * hour, delay: 5, distance: 693, origin: 'SEA', destination: 'SFO' },
  { date: day + 9 * hour, delay: 70, distance: 693, origin: 'SFO', destination: 'SEA' },
  { date: day + 10 * hour, delay: -3, distance: 2704, origin: 'SFO', destination: 'BOS' },
  { date: day + 26 * hour, delay: 20, distance: 693, origin: 'SEA', destination: 'SFO' },
]
const columns = { date: timestamp, delay: int32, distance: int32, origin: text, destination: text }

export const env = environment()
export const flights = env.stream(fromRows(rows, columns))
export const history = env.dataset(fromRows(rows, columns))
export const airports = env.dataset(
  fromRows(
    [
      { iata: 'SEA', city: 'Seattle', state: 'WA' },
      { iata: 'SFO', city: 'San Francisco', state: 'CA' },
      { iata: 'BOS', city: 'Boston', state: 'MA' },
    ],
    { iata: text, city: text, state: text },
  ),
)
export const payments = env
  .stream(
    fromRows<Payment>([
      { card: 'a', amount: 10, time: 1000 },
      { card: 'b', amount: 3, time: 2000 },
      { card: 'a', amount: 7, time: 5000 },
    ]),
  )
  .eventTime('time')

export const limits = env.dataset(
  fromRows(
    [
      { card: 'a', limit: 12 },
      { card: 'b', limit: 5 },
    ],
    { card: text, limit: int32 },
  ),
)

const cities = new Map([
  ['SEA', 'Seattle'],
  ['SFO', 'San Francisco'],
])

/** Looked up as if somewhere else. */
export async function cityOf(airport: string, { signal }: { signal?: AbortSignal } = {}): Promise<string> {
  signal?.throwIfAborted()
  return cities.get(airport) ?? airport
}

export const results = history.keyBy('origin').count()

/** The files that examples read. */
export async function writeFiles(): Promise<void> {
  writeFileSync('airports.csv', 'iata,city,state,latitude\nSEA,Seattle,WA,47.4\nSFO,San Francisco,CA,37.6\n')
  writeFileSync('flights.csv', 'date,delay,origin\n2001-01-02T08:00:00Z,5,SEA\n2001-01-02T09:00:00Z,70,SFO\n')
  writeFileSync('payments.jsonl', '{"card":"a","amount":1.5,"at":"2001-01-02T08:00:00Z"}\n')
  writeFileSync('book.txt', 'Call me Ishmael.\nSome years ago\n')
  await history.to(parquet('flights.parquet')).run()
}

/** As many rows as an example of a source that never ends is followed for. */
const enough = 200

/** Runs what an example only builds, and compares what it gives with what it says. */
export async function show(value: unknown, ...expected: unknown[]): Promise<void> {
  const given = await value
  const settled = isSource(given) ? env.stream(given) : given
  if (expected.length > 0) {
    deepStrictEqual(settled instanceof DataStream ? await settled.collect() : settled, expected[0])
  } else if (settled instanceof DataStream) {
    let rows = 0
    for await (const _ of settled) if (++rows === enough) break
  }
}

function isSource(value: unknown): value is Source {
  return typeof value === 'object' && value !== null && 'splits' in value
}
