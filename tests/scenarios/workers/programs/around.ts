/**
 * What every program of the scenarios is given: tables, a folder to write to, and how many workers. With CHECKPOINTS in the
 * environment it takes checkpoints in that folder, reads slowly, and can be killed (`mortal.ts`). With BOUNDED what are streams
 * otherwise are read as what they are: data that ends.
 */
import { type DataStream, environment, int32, type Job, type Source, text, timestamp } from 'millrace'
import { csv, jsonLines } from 'millrace/files'
import { beforeRead } from './mortal.ts'

const [tables, out, workers] = process.argv.slice(2) as [string, string, string]

export const parallelism = Number(workers)
const { CHECKPOINTS: dir, BOUNDED } = process.env
export const env = environment({
  parallelism,
  ...(dir === undefined ? {} : { batchRows: 50, checkpoints: { dir, every: 20 } }),
})

/** A stream of what a source has; with BOUNDED a collection that ends. */
export function streamOf<T>(source: Source<T, true>): DataStream<T> {
  return BOUNDED === undefined ? env.stream(source) : (env.dataset(source) as unknown as DataStream<T>)
}

/** The same rows, some of them every millisecond, if there are checkpoints. */
function paced<T, E extends boolean>(source: Source<T, E>): Source<T, E> {
  if (dir === undefined) return source
  return {
    label: source.label,
    schema: source.schema,
    bounded: source.bounded,
    prunes: source.prunes,
    splits: context => source.splits(context),
    open(split, context) {
      const reader = source.open(split, context)
      let timer: NodeJS.Timeout | undefined
      let rest = false
      return {
        poll(maxRows) {
          rest = !rest
          beforeRead()
          if (!rest) return reader.poll(maxRows)
          timer = setTimeout(context.wake, 1)
          return 'wait'
        },
        offset: () => reader.offset(),
        close() {
          clearTimeout(timer)
          return reader.close()
        },
      }
    },
  }
}

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
export const flightFiles = paced(csv(table('flights'), flightColumns))
export const airportFile = paced(csv(table('airports.csv'), { iata: text, state: text }))

export function write<T>(name: string, rows: DataStream<T, 'bounded'> | DataStream<T>): Job {
  return rows.to(jsonLines(target(`${name}.jsonl`)))
}
