/**
 * Three million flights, January to June 2001, read in the order of their schedule: how late did they leave, state by
 * state, day by day and over the last six hours?
 *
 * Event time is the departure as it was, schedule plus delay, so most flights are out of order. Those more than the
 * disorder bound behind the others are late: their day is closed. They go to a file of their own.
 *
 * `delays.ts [folder] [--parallelism n]`: with n workers the windows of a state are on one of them.
 */
import { parseArgs } from 'node:util'
import { avg, count, double, environment, int32, max, sliding, sum, text, timestamp, tumbling } from 'millrace'
import { csv, jsonLines, parquet } from 'millrace/files'
import { data, showTable } from './around.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { parallelism: { type: 'string', default: '1' } },
})
const out = positionals[0] ?? 'out/flights'
const day = { state: text, departures: double, meanDelay: double, worstDelay: int32 }
const env = environment({ parallelism: Number(values.parallelism) })

const airports = env.dataset(csv(data('airports.csv'), { iata: text, state: text }))
const departures = env
  .stream(parquet(data('flights-3m.parquet'), { date: timestamp, delay: int32, origin: text }))
  .eventTime(flight => flight.date + flight.delay * 60_000, { disorder: '18h' })
  .join(airports, { on: ['origin', 'iata'], strategy: 'broadcast' })
  .keyBy('state')

const delays = { departures: count(), meanDelay: avg('delay'), worstDelay: max('delay') }
const daily = departures.window(tumbling('1d')).aggregate(delays)
const recent = departures.window(sliding('6h', '1h')).aggregate(delays)

await env.run([
  daily.to(parquet(`${out}/daily.parquet`)),
  daily.to(jsonLines(`${out}/daily.jsonl`)),
  daily.side('late').to(parquet(`${out}/late.parquet`)),
  recent.to(parquet(`${out}/recent.parquet`)),
])

// What was written is a DataSet like any other, and small: one worker is enough.
const results = environment()
const states = results
  .dataset(parquet(`${out}/daily.parquet`, day))
  .groupBy('state')
  .aggregate(day => ({
    departures: sum('departures'),
    delay: sum(day.meanDelay.times(day.departures)),
    worstDelay: max('worstDelay'),
  }))
  .select(({ state, departures, delay, worstDelay }) => ({
    state,
    departures,
    meanDelay: delay.divide(departures).round(1),
    worstDelay,
  }))
  .sortBy(({ state, meanDelay }) => [meanDelay.descending(), state])

const late = results
  .dataset(parquet(`${out}/late.parquet`, { delay: int32 }))
  .aggregate({ flights: count(), meanDelay: avg('delay'), worstDelay: max('delay') })

showTable('Mean delay in minutes: the ten states that left latest', await states.first(10).collect())
showTable('Too late for their day', await late.collect())
console.log(`All of it: ${out}/`)
