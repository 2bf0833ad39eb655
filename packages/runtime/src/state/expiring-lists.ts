/**
 * Lists whose values expire one by one; the law is that of `ExpiringValues`. Times go up along a list: a value is added at
 * its end, and what is read or set anew gets one time for all. So what has expired is at the front.
 */
import { AnyColumn, Batch, field, Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import { idsOf } from './arrays.ts'
import type { CallClock } from './call-clock.ts'
import type { StatePart } from './handle.ts'
import type { ListsState } from './lists.ts'
import { STAMP } from './stored-values.ts'
import type { ListCells } from './user-declarations.ts'

export class ExpiringLists implements ListCells {
  readonly #lists: ListsState
  readonly #ttl: StateTtl
  readonly #clock: CallClock
  /** Of each key that has a list, the times of its values. */
  readonly #stamps: (number[] | undefined)[] = []

  constructor(lists: ListsState, ttl: StateTtl, clock: CallClock) {
    this.#lists = lists
    this.#ttl = ttl
    this.#clock = clock
  }

  get(id: number): readonly unknown[] | undefined {
    this.expire(id)
    if (this.#ttl.refresh === 'read') this.#stamps[id]?.fill(this.#clock.now)
    return this.#lists.get(id)
  }

  add(id: number, value: unknown): void {
    this.expire(id)
    this.#lists.add(id, value)
    const stamps = this.#stamps[id]
    if (stamps === undefined) this.#stamp(id, [this.#clock.now])
    else stamps.push(this.#clock.now)
  }

  set(id: number, values: readonly unknown[]): void {
    this.expire(id)
    this.#lists.set(id, values)
    this.#stamp(id, values.length === 0 ? undefined : new Array(values.length).fill(this.#clock.now))
  }

  forget(id: number): void {
    this.#lists.forget(id)
    this.#stamps[id] = undefined
  }

  holds(id: number): boolean {
    const stamps = this.#stamps[id]
    return stamps !== undefined && !this.#expired(stamps[stamps.length - 1])
  }

  expire(id: number): void {
    const stamps = this.#stamps[id]
    if (stamps === undefined || !this.#expired(stamps[0])) return
    let count = 1
    while (count < stamps.length && this.#expired(stamps[count])) count++
    this.#lists.erase(id, count)
    this.#stamps[id] = count === stamps.length ? undefined : stamps.slice(count)
  }

  #expired(stamp: number): boolean {
    return stamp + this.#ttl.afterMs <= this.#clock.now
  }

  #stamp(id: number, stamps: number[] | undefined): void {
    while (this.#stamps.length <= id) this.#stamps.push(undefined)
    this.#stamps[id] = stamps
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    for (const id of this.#lists.ids()) this.expire(id)
    return this.#lists.snapshot(groupOf).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.#lists.capture(ids, length).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  #stamped({ schema, columns, length }: Batch): Batch {
    const stamps = Array.from(idsOf(columns[0], length), id => [...this.#stamps[id]!])
    return new Batch(
      Schema.record([...schema.fields, field(STAMP, 'any')]),
      [...columns, new AnyColumn(stamps)],
      length,
    )
  }

  /** What was kept without a time-to-live begins its time now. */
  restore(parts: readonly StatePart[]): void {
    this.#lists.restore(parts)
    for (const { batch } of parts) {
      if (batch === null) continue
      const stamped = batch.schema.fields.at(-1)!.name === STAMP
      const ids = idsOf(batch.columns[0], batch.length)
      for (let i = 0; i < ids.length; i++) {
        const { length } = batch.get(1, i) as unknown[]
        this.#stamp(ids[i], stamped ? [...(batch.get(2, i) as number[])] : new Array(length).fill(this.#clock.now))
      }
    }
  }
}
