/**
 * Rows of a key, a value and a time, as fast as they are taken: all keys in turn, so many times; then what a script wants. It
 * notes the pauses between its polls.
 */
import { Batch, DoubleColumn, Int32Column } from '@millrace/algebra'
import { type Json, schemaOf } from '@millrace/runtime'
import { double, int32, type Source, timestamp } from 'millrace'

export interface KeyRow {
  readonly key: number
  readonly value: number
  readonly time: number
}

/** What a source gives next: rows of keys, nothing for now, or its end. */
export interface Script {
  /** Puts keys into the array; how many: at most its length. -1: it is to be asked later, -2: that was all. */
  next(keys: Int32Array): number
  /** Where it stands, and to go on from there. */
  offset?(): Json
  restore?(offset: Json): void
}

/** Rows whose times go up by `perMs` rows a millisecond. */
export function keySource(script: Script, perMs: number, pauses?: Pauses): Source<KeyRow, false> {
  return {
    label: 'keys',
    schema: schemaOf({ key: int32, value: double, time: timestamp }),
    bounded: false,
    prunes: false,
    splits: async () => [{ id: '0' }],
    open({ offset }, { schema, wake }) {
      let made = 0
      if (offset !== undefined && offset !== null) {
        const [rows, at] = offset as readonly [number, Json]
        made = rows
        script.restore?.(at)
      }
      const keys = new Int32Array(1024)
      const values = new Float64Array(1024).fill(1)
      const times = new Float64Array(1024)
      return {
        poll(maxRows) {
          pauses?.polled()
          const rows = script.next(keys.length <= maxRows ? keys : keys.subarray(0, maxRows))
          if (rows === -2) return 'end'
          if (rows < 0) {
            setTimeout(wake, 1)
            return 'wait'
          }
          for (let i = 0; i < rows; i++) times[i] = Math.floor((made + i) / perMs)
          made += rows
          return new Batch(schema, [new Int32Column(keys), new DoubleColumn(values), new DoubleColumn(times)], rows)
        },
        offset: () => [made, script.offset?.() ?? null],
        close: () => {},
      }
    },
  }
}

/** Shorter pauses are not worth a note. */
const NOTED_MS = 0.5

/**
 * The longest time between two polls, within a span: by the clock, and by what the process has worked meanwhile, all of its
 * threads together, where that is less. On a machine that others use too, a thread is made to wait for tens of milliseconds
 * by them; that is no pause of the job's own.
 */
export class Pauses {
  #last = performance.now()
  #work = process.cpuUsage()
  readonly #long: { readonly to: number; readonly ms: number; readonly workMs: number }[] = []

  polled(): void {
    const now = performance.now()
    const ms = now - this.#last
    this.#last = now
    if (ms < NOTED_MS) {
      this.#work = process.cpuUsage()
      return
    }
    const { user, system } = process.cpuUsage(this.#work)
    this.#work = process.cpuUsage()
    this.#long.push({ to: Date.now(), ms, workMs: (user + system) / 1000 })
  }

  /** Milliseconds since 1970. */
  longest(fromMs: number, toMs: number): { readonly ms: number; readonly clockMs: number } {
    const within = this.#long.filter(({ to, ms }) => to >= fromMs && to - ms <= toMs)
    return {
      ms: within.reduce((most, { ms, workMs }) => Math.max(most, Math.min(ms, workMs)), 0),
      clockMs: within.reduce((most, { ms }) => Math.max(most, ms), 0),
    }
  }
}
