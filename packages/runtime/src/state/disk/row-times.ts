/** Of each key whose row expires, the time of what was kept last of it: so nobody has to read a row to know that it has expired. */
import type { Batch } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import type { CallClock } from '../call-clock.ts'

export class RowTimes {
  readonly #ttl: StateTtl
  readonly #clock: CallClock
  #last = new Float64Array(0)

  constructor(ttl: StateTtl, clock: CallClock) {
    this.#ttl = ttl
    this.#clock = clock
  }

  /** Rows of the batch are what is kept of this key; their times are in the last column. */
  keep(id: number, batch: Batch, from: number, to: number): void {
    if (id >= this.#last.length) {
      const larger = new Float64Array(Math.max(id + 1, this.#last.length * 2, 1024))
      larger.set(this.#last)
      this.#last = larger
    }
    const times = batch.columns[batch.columns.length - 1]
    let last = Number.NEGATIVE_INFINITY
    for (let row = from; row < to; row++) last = Math.max(last, newest(times.get(row) as number | readonly number[]))
    this.#last[id] = last
  }

  expired(id: number): boolean {
    return this.#last[id] + this.#ttl.afterMs <= this.#clock.now
  }
}

function newest(times: number | readonly number[]): number {
  return typeof times === 'number' ? times : times.reduce((most, time) => Math.max(most, time))
}
