import type { Field } from '@millrace/algebra'
import { type StateArray, stateArray } from './arrays.ts'

/** The rows of one stretch of event time, by key id. */
export class Slice {
  start: number
  /** Tells it from others with the same start, before or after it. */
  number = 0
  arrays: StateArray[]
  present: Uint8Array
  /** Keys with a row, in no particular order; the first `size` count. */
  touched: Int32Array
  size = 0

  constructor(start: number, fields: readonly Field[], capacity: number) {
    this.start = start
    this.arrays = fields.map(f => stateArray(f, capacity))
    this.present = new Uint8Array(capacity)
    this.touched = new Int32Array(capacity)
  }

  /** Keys with a row, ascending: the canonical order, the same after a restore. */
  sortedIds(): Int32Array {
    const { present, size } = this
    if (size * 16 < present.length) return this.touched.slice(0, size).sort()
    const ids = new Int32Array(size)
    for (let id = 0, n = 0; n < size; id++) if (present[id] === 1) ids[n++] = id
    return ids
  }
}
