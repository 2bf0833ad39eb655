/**
 * Maps whose entries expire one by one; the law is that of `ExpiringValues`.
 *
 * State: beside the user's map, in the order in which its keys came, one of times in the order of times: an entry whose time
 * begins anew goes to its end. So what has expired is at its front, and finding it costs nothing else.
 */
import { AnyColumn, Batch, field, Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import { idsOf } from './arrays.ts'
import type { CallClock } from './call-clock.ts'
import type { StatePart } from './handle.ts'
import { type AnyMap, SHARD_ENTRIES, withEntry } from './large-map.ts'
import type { MapsState } from './maps.ts'
import { STAMP } from './stored-values.ts'
import type { MapCells } from './user-declarations.ts'

export class ExpiringMaps implements MapCells {
  readonly #maps: MapsState
  readonly #ttl: StateTtl
  readonly #clock: CallClock
  readonly #room: number
  /** Of each key that has a map, the times of its entries. */
  readonly #stamps: (AnyMap<unknown, number> | undefined)[] = []
  /** By key id: no entry's time is before this. */
  readonly #since: number[] = []

  constructor(maps: MapsState, ttl: StateTtl, clock: CallClock, room: number = SHARD_ENTRIES) {
    this.#maps = maps
    this.#ttl = ttl
    this.#clock = clock
    this.#room = room
  }

  size(id: number): number {
    this.expire(id)
    return this.#maps.size(id)
  }

  has(id: number, key: unknown): boolean {
    this.expire(id)
    const has = this.#maps.has(id, key)
    if (has && this.#ttl.refresh === 'read') this.#stamp(id, key)
    return has
  }

  get(id: number, key: unknown): unknown {
    return this.has(id, key) ? this.#maps.get(id, key) : undefined
  }

  set(id: number, key: unknown, value: unknown): void {
    this.expire(id)
    const isNew = !this.#maps.has(id, key)
    this.#maps.set(id, key, value)
    if (isNew || this.#ttl.refresh !== 'create') this.#stamp(id, key)
  }

  delete(id: number, key: unknown): void {
    this.expire(id)
    this.#maps.delete(id, key)
    this.#forget(id, key)
  }

  /** Those that have not expired when it is called; each counts as read when it is taken. */
  *entries(id: number): Generator<readonly [unknown, unknown], undefined> {
    this.expire(id)
    for (const entry of this.#maps.entries(id)) {
      if (this.#ttl.refresh === 'read') this.#stamp(id, entry[0])
      yield entry
    }
  }

  clear(id: number): void {
    this.expire(id)
    this.#maps.clear(id)
    this.#stamps[id] = undefined
  }

  forget(id: number): void {
    this.#maps.forget(id)
    this.#stamps[id] = undefined
  }

  holds(id: number): boolean {
    this.expire(id)
    return this.#maps.holds(id)
  }

  expire(id: number): void {
    const stamps = this.#stamps[id]
    const until = this.#clock.now - this.#ttl.afterMs
    if (stamps === undefined || this.#since[id] > until) return
    for (const [key, stamp] of stamps.entries()) {
      this.#since[id] = stamp
      if (stamp > until) return
      this.#maps.erase(id, key)
      this.#forget(id, key)
    }
  }

  #forget(id: number, key: unknown): void {
    const stamps = this.#stamps[id]
    if (stamps?.delete(key) === true && stamps.size === 0) this.#stamps[id] = undefined
  }

  #stamp(id: number, key: unknown): void {
    this.#stampAt(id, key, this.#clock.now)
  }

  #stampAt(id: number, key: unknown, time: number): void {
    while (this.#stamps.length <= id) {
      this.#stamps.push(undefined)
      this.#since.push(0)
    }
    const stamps = this.#stamps[id]
    if (stamps === undefined) {
      this.#since[id] = time
      this.#stamps[id] = new Map([[key, time]])
    } else if (stamps.get(key) !== time) {
      stamps.delete(key)
      this.#stamps[id] = withEntry(stamps, key, time, this.#room)
    }
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    for (const id of this.#maps.ids()) this.expire(id)
    return this.#maps.snapshot(groupOf).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.#maps.capture(ids, length).map(part => ({ ...part, batch: this.#stamped(part.batch!) }))
  }

  #stamped({ schema, columns, length }: Batch): Batch {
    const stamps = Array.from(idsOf(columns[0], length), (id, i) =>
      Array.from((columns[1].get(i) as Map<unknown, unknown>).keys(), key => this.#stamps[id]!.get(key)!),
    )
    return new Batch(
      Schema.record([...schema.fields, field(STAMP, 'any')]),
      [...columns, new AnyColumn(stamps)],
      length,
    )
  }

  /** What was kept without a time-to-live begins its time now. */
  restore(parts: readonly StatePart[]): void {
    this.#maps.restore(parts)
    const times = new Map<number, (readonly [key: unknown, time: number])[]>()
    for (const { batch } of parts) {
      if (batch === null) continue
      const stamped = batch.schema.fields.at(-1)!.name === STAMP
      idsOf(batch.columns[0], batch.length).forEach((id, i) => {
        const keys = [...(batch.get(1, i) as Map<unknown, unknown>).keys()]
        const stamps = stamped ? (batch.get(2, i) as number[]) : keys.map(() => this.#clock.now)
        times.set(id, [...(times.get(id) ?? []), ...keys.map((key, k) => [key, stamps[k]] as const)])
      })
    }
    for (const [id, own] of times)
      for (const [key, time] of own.sort(([, a], [, b]) => a - b)) this.#stampAt(id, key, time)
  }
}
