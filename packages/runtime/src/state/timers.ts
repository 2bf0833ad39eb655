/**
 * Timers by key: a binary heap ordered by (time, key id), one timer a key and time. The order is total and survives a
 * restore, since ids do; so what timers emit comes in the same order again.
 *
 * A cancelled timer stays in the heap until it comes to the top or such entries are the majority: a key that moves its
 * timer with every row costs memory by keys, not by rows.
 */
import { Batch, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { byGroup, idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import { MIXED_GROUPS, type StateHandle, type StatePart } from './handle.ts'

const schema = Schema.record([field('id', 'int32'), field('time', 'timestamp')])

/** Cancelled entries that are not worth a clean-up. */
const CANCELLED_AT_LEAST = 64

export class TimersState implements StateHandle {
  #times: number[] = []
  #ids: number[] = []
  /**
   * The times each key waits for: by id where it is one, otherwise (then NaN) in a set. A heap entry whose time is in
   * neither was cancelled.
   */
  #single = new Float64Array(0)
  readonly #several = new Map<number, Set<number>>()
  #cancelled = 0
  readonly #dropped: DroppedKeys

  constructor(dropped: DroppedKeys) {
    this.#dropped = dropped
  }

  /** Entries in the heap, cancelled ones among them. */
  get entries(): number {
    return this.#times.length
  }

  set(id: number, timeMs: number): void {
    if (id >= this.#single.length) this.#grow(id + 1)
    const single = this.#single[id]
    const times = this.#several.get(id)
    if (times !== undefined) {
      if (times.has(timeMs)) return
      times.add(timeMs)
    } else if (Number.isNaN(single)) this.#single[id] = timeMs
    else {
      if (single === timeMs) return
      this.#single[id] = Number.NaN
      this.#several.set(id, new Set([single, timeMs]))
    }
    this.#push(timeMs, id)
  }

  cancel(id: number, timeMs: number): void {
    if (!this.#forget(id, timeMs)) return
    this.#cancelled++
    if (this.#cancelled > CANCELLED_AT_LEAST && this.#cancelled * 2 > this.#times.length) this.#rebuild()
  }

  /** Takes the first timer at or before `timeMs`; undefined: none. */
  take(timeMs: number): { readonly id: number; readonly timeMs: number } | undefined {
    while (this.#times.length > 0 && this.#times[0] <= timeMs) {
      const due = { id: this.#ids[0], timeMs: this.#times[0] }
      this.#dropped.beforeChange(due.id)
      this.#pop()
      if (this.#forget(due.id, due.timeMs)) return due
      this.#cancelled--
    }
    return undefined
  }

  holds(id: number): boolean {
    return this.#several.has(id) || (id < this.#single.length && !Number.isNaN(this.#single[id]))
  }

  #grow(length: number): void {
    const larger = new Float64Array(Math.max(length, this.#single.length * 2, 64)).fill(Number.NaN)
    larger.set(this.#single)
    this.#single = larger
  }

  /** Ids with a timer, ascending. */
  *#waiting(): Generator<number> {
    for (let id = 0; id < this.#single.length; id++) if (this.holds(id)) yield id
  }

  /** A key's times, ascending. */
  #timesOf(id: number): number[] {
    const times = this.#several.get(id)
    return times === undefined ? [this.#single[id]] : [...times].sort((a, b) => a - b)
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    return [...byGroup(this.#waiting(), groupOf)].map(([group, own]) => {
      const rows = [...own].flatMap(id => this.#timesOf(id).map(time => [id, time]))
      const columns = [
        new Int32Column(Int32Array.from(rows, r => r[0])),
        new DoubleColumn(Float64Array.from(rows, r => r[1])),
      ]
      return { group, meta: null, batch: new Batch(schema, columns, rows.length) }
    })
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const own: number[] = []
    const times: number[] = []
    for (let i = 0; i < length; i++) {
      if (!this.holds(ids[i])) continue
      for (const time of this.#timesOf(ids[i])) {
        own.push(ids[i])
        times.push(time)
      }
    }
    if (own.length === 0) return []
    const columns = [new Int32Column(Int32Array.from(own)), new DoubleColumn(Float64Array.from(times))]
    return [{ group: MIXED_GROUPS, meta: null, batch: new Batch(schema, columns, own.length) }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch } of parts) {
      if (batch === null) continue
      const ids = idsOf(batch.columns[0], batch.length)
      for (let i = 0; i < ids.length; i++) this.set(ids[i], batch.get(1, i) as number)
    }
  }

  #forget(id: number, timeMs: number): boolean {
    if (this.#single[id] === timeMs) this.#single[id] = Number.NaN
    else {
      const times = this.#several.get(id)
      if (times?.delete(timeMs) !== true) return false
      if (times.size > 0) return true
      this.#several.delete(id)
    }
    this.#dropped.add(id)
    return true
  }

  /** The heap anew from what is pending. */
  #rebuild(): void {
    this.#times = []
    this.#ids = []
    this.#cancelled = 0
    for (const id of this.#waiting()) for (const time of this.#timesOf(id)) this.#push(time, id)
  }

  #before(a: number, b: number): boolean {
    const s = this.#times[a]
    const t = this.#times[b]
    return s < t || (s === t && this.#ids[a] < this.#ids[b])
  }

  #swap(a: number, b: number): void {
    const time = this.#times[a]
    this.#times[a] = this.#times[b]
    this.#times[b] = time
    const id = this.#ids[a]
    this.#ids[a] = this.#ids[b]
    this.#ids[b] = id
  }

  #push(timeMs: number, id: number): void {
    this.#times.push(timeMs)
    this.#ids.push(id)
    for (let at = this.#times.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!this.#before(at, parent)) return
      this.#swap(at, parent)
      at = parent
    }
  }

  #pop(): void {
    const last = this.#times.length - 1
    this.#swap(0, last)
    this.#times.pop()
    this.#ids.pop()
    for (let at = 0; ; ) {
      let least = at
      if (2 * at + 1 < last && this.#before(2 * at + 1, least)) least = 2 * at + 1
      if (2 * at + 2 < last && this.#before(2 * at + 2, least)) least = 2 * at + 2
      if (least === at) return
      this.#swap(at, least)
      at = least
    }
  }
}
