/** What every program of the scenarios is given: tables, a folder to write to, and how many workers. */
import { type DataStream, environment, int32, type Job, text, timestamp } from 'millrace'
import { csv, jsonLines } from 'millrace/files'

const [tables, out, workers] = process.argv.slice(2) as [string, string, string]

export const parallelism = Number(workers)
export const env = environment({ parallelism })

export const flightColumns = {
  id: int32,
  file: int32,
  date: timestamp,
  delay: int32,
  origin: text,
  tail: text.nullable(),
}

export function table(file: string): string {
  return `${tables}/${file}`
}

/** Where a result is written. */
export function target(name: string): string {
  return `${out}/${name}`
}

/** Five files: five splits. */
export const flightFiles = csv(table('flights'), flightColumns)
export const airportFile = csv(table('airports.csv'), { iata: text, state: text })

export function write<T>(name: string, rows: DataStream<T, 'bounded'> | DataStream<T>): Job {
  return rows.to(jsonLines(target(`${name}.jsonl`)))
}
