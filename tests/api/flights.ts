/** Random flights, as rows and as sources with and without a schema, for tests of whole programs. */
import type { DataSet, DataStream, Environment } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, text, timestamp } from '@millrace/runtime'
import fc from 'fast-check'

export interface Flight {
  date: number
  delay: number
  origin: string
  tail: string | null
}

export const columns = { date: timestamp, delay: int32, origin: text, tail: text.nullable() }

const airports = ['SEA', 'SFO', 'BOS', 'ÄÖ☃']

export const flight: fc.Arbitrary<Flight> = fc.record({
  date: fc.integer({ min: 0, max: 10_000 }),
  delay: fc.integer({ min: -20, max: 20 }),
  origin: fc.constantFrom(...airports),
  tail: fc.option(fc.constantFrom('N1', 'N2', ''), { nil: null }),
})

export const flights = fc.array(flight, { maxLength: 40 })

export interface Airport {
  iata: string
  state: string
}

/** Not every origin has one, and one has two. */
export const known: readonly Airport[] = [
  { iata: 'SEA', state: 'WA' },
  { iata: 'SFO', state: 'CA' },
  { iata: 'SFO', state: 'C2' },
  { iata: 'ORD', state: 'IL' },
]

/** How a program may be given the same rows. */
export interface Setting {
  readonly columnar: boolean
  readonly batchRows: number
}

export const setting: fc.Arbitrary<Setting> = fc.record({
  columnar: fc.boolean(),
  batchRows: fc.constantFrom(1, 2, 3, 7, 1024),
})

export function setOf(env: Environment, rows: readonly Flight[], { columnar }: Setting): DataSet<Flight> {
  return columnar ? env.dataset(fromRows(rows, columns)) : env.dataset(fromRows(rows))
}

export function streamOf(env: Environment, rows: readonly Flight[], how: Setting): DataStream<Flight> {
  return setOf(env, rows, how).stream()
}

export function airportsOf(env: Environment, { columnar }: Setting): DataSet<Airport> {
  return columnar ? env.dataset(fromRows(known, { iata: text, state: text })) : env.dataset(fromRows(known))
}

/** For comparing collections whose order is not promised. */
export function sorted(rows: readonly unknown[]): string[] {
  return rows.map(row => JSON.stringify(row)).sort()
}

export function groups<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const found = new Map<string, T[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = found.get(key)
    if (group === undefined) found.set(key, [row])
    else group.push(row)
  }
  return found
}
