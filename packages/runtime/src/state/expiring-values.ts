/**
 * One value a key that expires: the values of another state, and beside them the time from which each counts.
 *
 * Law: a value that has expired is in all respects as if it were not there, whether or not it still takes memory. So it
 * makes no difference when it is let go of (`expire`), and snapshots leave it out. Only the key behind it stays until it is
 * found without any state: reading must not free ids, or a restored operator would give them out in another order.
 * State: eight bytes a key. Cost: a comparison a read, a number a write.
 */
import { Batch, DoubleColumn, field, Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import { idsOf } from './arrays.ts'
import type { CallClock } from './call-clock.ts'
import type { StatePart } from './handle.ts'
import { STAMP } from './stored-values.ts'
import type { ValueCells } from './user-declarations.ts'

/** Values of which one may be removed without a word. */
export interface Erasable extends ValueCells {
  erase(id: number): void
  holds(id: number): boolean
  ids(): Iterable<number>
  capture(ids: Int32Array, length: number): StatePart[]
}

export class ExpiringValues implements ValueCells {
  readonly #values: Erasable
  readonly #ttl: StateTtl
  readonly #clock: CallClock
  #stamps = new Float64Array(0)

  constructor(values: Erasable, ttl: StateTtl, clock: CallClock) {
    this.#values = values
    this.#ttl = ttl
    this.#clock = clock
  }

  get(id: number): unknown {
    if (!this.#live(id)) return undefined
    if (this.#ttl.refresh === 'read') this.#stamps[id] = this.#clock.now
    return this.#values.get(id)
  }

  set(id: number, value: unknown): void {
    const live = this.#live(id)
    this.#values.set(id, value)
    if (value !== undefined && (!live || this.#ttl.refresh !== 'create')) this.#stamp(id, this.#clock.now)
  }

  forget(id: number): void {
    this.#values.erase(id)
  }

  holds(id: number): boolean {
    return this.#values.holds(id) && !this.#expired(id)
  }

  expire(id: number): void {
    this.#live(id)
  }

  #expired(id: number): boolean {
    return this.#stamps[id] + this.#ttl.afterMs <= this.#clock.now
  }

  /** Whether there is a value, which is let go of if it has expired. */
  #live(id: number): boolean {
    if (!this.#values.holds(id)) return false
    if (!this.#expired(id)) return true
    this.#values.erase(id)
    return false
  }

  #stamp(id: number, time: number): void {
    if (id >= this.#stamps.length) {
      const larger = new Float64Array(Math.max(id + 1, this.#stamps.length * 2, 64))
      larger.set(this.#stamps)
      this.#stamps = larger
    }
    this.#stamps[id] = time
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    for (const id of this.#values.ids()) this.#live(id)
    return this.#values.snapshot(groupOf).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.#values.capture(ids, length).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  #stamped({ schema, columns, length }: Batch): Batch {
    const stamps = Float64Array.from(idsOf(columns[0], length), id => this.#stamps[id])
    const fields = [...schema.fields, field(STAMP, 'timestamp')]
    return new Batch(Schema.record(fields), [...columns, new DoubleColumn(stamps)], length)
  }

  /** What was kept without a time-to-live begins its time now. */
  restore(parts: readonly StatePart[]): void {
    this.#values.restore(parts)
    for (const { batch } of parts) {
      if (batch === null) continue
      const last = batch.columns.length - 1
      const stamped = batch.schema.fields[last].name === STAMP
      const ids = idsOf(batch.columns[0], batch.length)
      for (let i = 0; i < ids.length; i++)
        this.#stamp(ids[i], stamped ? (batch.get(last, i) as number) : this.#clock.now)
    }
  }
}
