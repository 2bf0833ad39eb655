/**
 * How long rows take from a source on one worker to a sink on another, through one exchange: `latency RATE SECONDS`, rows a
 * second and for how long; a RATE of 0: as fast as they are taken.
 *
 * Every millisecond the rows of that millisecond are due at once. A row's time begins when it is due, so that a source that
 * is held up makes its rows late. All rows that cross are counted, but those of the first second.
 */
import { type AnyColumn, Batch, DoubleColumn, Int32Column } from '@millrace/algebra'
import { type Json, type SinkWriter, schemaOf } from '@millrace/runtime'
import { double, environment, int32, type Sink, type Source } from 'millrace'
import { micros } from './clock.ts'
import { Histogram } from './histogram.ts'
import { ready, tell } from './parent.ts'

const KEYS = 10_000
const TICK_US = 1000
const WARM_US = 1e6

const [rate, seconds] = process.argv.slice(2).map(Number) as [number, number]

interface Stamped {
  readonly key: number
  /** Microseconds, when it was due. */
  readonly at: number
}

interface Counted {
  readonly count: number
  readonly at: number
}

/** What a worker's writer tells, in microseconds. */
interface Seen {
  readonly worker: number
  readonly rows: number
  readonly median: number
  readonly high: number
  /** When it took the first row it counts, and the last. */
  readonly first: number
  readonly last: number
}

/** One split, so that one worker has it. */
const source: Source<Stamped, true> = {
  label: 'stamped',
  schema: schemaOf({ key: int32, at: double }),
  bounded: true,
  prunes: false,
  splits: async () => [{ id: '0' }],
  open(_split, { schema, wake }) {
    const keys = new Int32Array(1024)
    const times = new Float64Array(1024)
    const began = micros()
    const ends = began + seconds * 1e6
    const perTick = rate === 0 ? Number.POSITIVE_INFINITY : (rate * TICK_US) / 1e6
    let made = 0
    let timer: NodeJS.Timeout | undefined
    return {
      poll(maxRows) {
        const now = micros()
        const ticks = Math.floor((Math.min(now, ends) - began) / TICK_US)
        const due = rate === 0 ? (now < ends ? maxRows : 0) : Math.floor(ticks * perTick) - made
        if (due <= 0) {
          if (now >= ends) return 'end'
          timer = setTimeout(wake, 1)
          return 'wait'
        }
        const rows = Math.min(maxRows, due)
        for (let i = 0; i < rows; i++) {
          keys[i] = (made + i) % KEYS
          times[i] = rate === 0 ? now : began + (Math.floor((made + i) / perTick) + 1) * TICK_US
        }
        made += rows
        return new Batch(schema, [new Int32Column(keys), new DoubleColumn(times)], rows)
      },
      offset: () => null,
      close: () => clearTimeout(timer),
    }
  },
}

class LatencyWriter implements SinkWriter {
  readonly ready = true
  readonly #worker: number
  readonly #began = micros()
  readonly #latencies = new Histogram()
  #first = Number.MAX_VALUE
  #last = 0

  constructor(worker: number) {
    this.#worker = worker
  }

  write({ columns, length, selection }: Batch): void {
    const now = micros()
    if (now < this.#began + WARM_US) return
    const { values } = columns[0] as AnyColumn
    for (let i = 0; i < length; i++)
      this.#latencies.add(now - (values[selection === null ? i : selection[i]!] as Counted).at)
    this.#first = Math.min(this.#first, now)
    this.#last = now
  }

  async prepareCommit(): Promise<readonly Json[]> {
    const latencies = this.#latencies
    const seen = {
      worker: this.#worker,
      rows: latencies.count,
      median: latencies.quantile(0.5),
      high: latencies.quantile(0.99),
      first: this.#first,
      last: this.#last,
    } satisfies Seen
    return [seen]
  }

  async abort(): Promise<void> {}
  async close(): Promise<void> {}
}

const seen: Seen[] = []
const sink: Sink<unknown, 'appending'> = {
  label: 'latency',
  takes: ['appending'],
  place: 'workers',
  open: ({ subtask }) => new LatencyWriter(subtask),
  commit: async handles => void seen.push(...(handles as unknown as Seen[])),
}

await ready()
await environment({ parallelism: 2 })
  .stream(source)
  .keyBy('key')
  .scan<Counted>(
    () => ({ count: 0, at: 0 }),
    ({ count }, { at }) => ({ count: count + 1, at }),
  )
  .to(sink)
  .run()

const rows = seen.reduce((sum, writer) => sum + writer.rows, 0)
const first = Math.min(...seen.map(writer => writer.first))
const last = Math.max(...seen.map(writer => writer.last))
const across = seen.find(writer => writer.worker === 1)
tell({ rate: rows / ((last - first) / 1e6), rows: across?.rows, median: across?.median, high: across?.high })
