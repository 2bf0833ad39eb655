/**
 * What every program of the scenarios is given: tables, a folder to write to, and how many workers. With CHECKPOINTS in the
 * environment it takes checkpoints in that folder, reads slowly, and kills itself after KILL_AFTER_READS reads and
 * KILL_AFTER_MS more milliseconds, so that it dies at all stages of a job and of a checkpoint, however fast the machine.
 */
import { type DataStream, environment, int32, type Job, type Source, text, timestamp } from 'millrace'
import { csv, jsonLines } from 'millrace/files'

const [tables, out, workers] = process.argv.slice(2) as [string, string, string]

export const parallelism = Number(workers)
const { CHECKPOINTS: dir, KILL_AFTER_READS, KILL_AFTER_MS } = process.env
let readsLeft = Number(KILL_AFTER_READS ?? Number.POSITIVE_INFINITY)
export const env = environment({
  parallelism,
  ...(dir === undefined ? {} : { batchRows: 50, checkpoints: { dir, every: 20 } }),
})

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
          if (--readsLeft === 0) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(KILL_AFTER_MS))
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
