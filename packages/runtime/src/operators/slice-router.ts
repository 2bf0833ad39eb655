/**
 * Sorts a batch's rows by slice. Rows mostly come together in time: a batch that lies in one slice, found by its least
 * and greatest time, is one part without looking further; otherwise each slice met gets a list of rows.
 */
import { type Batch, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { WindowClock } from './window-clock.ts'

export interface SlicePart {
  start: number
  /** Rows of the batch; null: all. */
  rows: Int32Array | null
  length: number
}

export class SliceRouter {
  readonly #clock: WindowClock
  readonly #parts: SlicePart[] = []
  #late = new Int32Array(0)
  #lateRows = 0
  size = 0

  constructor(clock: WindowClock) {
    this.#clock = clock
  }

  part(i: number): SlicePart {
    return this.#parts[i]!
  }

  /** Routes the rows of a batch; returns how many are late. */
  route(batch: Batch, watermark: number): number {
    const { times, length, selection } = batch
    if (times === null)
      throw new MillraceError('MISSING_EVENT_TIME', 'missing event time', {
        hint: 'give the stream one with .eventTime(...)',
      })
    this.size = 0
    this.#lateRows = 0
    let least = Number.POSITIVE_INFINITY
    let most = Number.NEGATIVE_INFINITY
    for (let i = 0; i < length; i++) {
      const time = times[selection === null ? i : selection[i]!]!
      if (time < least) least = time
      if (time > most) most = time
    }
    if (!(least <= most)) throw new ValueError('', Number.NaN, 'event time')
    const start = this.#clock.sliceOf(least)
    if (
      start === this.#clock.sliceOf(most) &&
      this.#clock.lastEnd(start) - 1 > watermark &&
      this.#clock.lastEnd(start) > start
    ) {
      this.#add(start, 0).rows = null
      this.#parts[0]!.length = length
      return 0
    }
    this.#routeEach(times, selection, length, watermark)
    return this.#lateRows
  }

  #routeEach(times: Float64Array, selection: Int32Array | null, length: number, watermark: number): void {
    if (this.#late.length < length) this.#late = new Int32Array(length)
    let part: SlicePart | undefined
    for (let i = 0; i < length; i++) {
      const physical = selection === null ? i : selection[i]!
      const start = this.#clock.sliceOf(times[physical]!)
      if (part === undefined || part.start !== start) {
        const end = this.#clock.lastEnd(start)
        if (end <= start) continue // between two windows
        if (end - 1 <= watermark) {
          this.#late[this.#lateRows++] = physical
          continue
        }
        part = this.#find(start, length)
      }
      part.rows![part.length++] = i
    }
  }

  #find(start: number, length: number): SlicePart {
    for (let i = 0; i < this.size; i++) if (this.#parts[i]!.start === start) return this.#parts[i]!
    return this.#add(start, length)
  }

  #add(start: number, room: number): SlicePart {
    let part = this.#parts[this.size]
    if (part === undefined) this.#parts.push((part = { start, rows: null, length: 0 }))
    this.size++
    part.start = start
    part.length = 0
    if (part.rows === null || part.rows.length < room) part.rows = new Int32Array(room)
    return part
  }

  /** The late rows of the batch last routed. */
  late(batch: Batch): Batch {
    return batch.select(this.#late.subarray(0, this.#lateRows), this.#lateRows)
  }
}
