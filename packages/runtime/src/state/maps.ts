/** A map of opaque values a key. Iteration is in the order in which the second keys came, before a restore and after. */
import { AnyColumn, Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { byGroup, idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import { type Evolution, migrationOf, versionMeta } from './evolution.ts'
import { MIXED_GROUPS, type StatePart } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import { type AnyMap, SHARD_ENTRIES, shardsOf, withEntry } from './large-map.ts'
import type { MapCells } from './user-declarations.ts'

/** A row holds a map, or a shard of one: then several have its id. */
const schema = Schema.record([field('id', 'int32'), field('value', 'any', true)])

export class MapsState implements MapCells {
  readonly #maps: KeyedValues
  readonly #evolution: Evolution | undefined
  readonly #room: number

  /** @param room entries at which a map is cut into shards */
  constructor(dropped: DroppedKeys, evolution?: Evolution, room: number = SHARD_ENTRIES) {
    this.#maps = new KeyedValues(dropped)
    this.#evolution = evolution
    this.#room = room
  }

  #of(id: number): AnyMap | undefined {
    return this.#maps.get(id) as AnyMap | undefined
  }

  size(id: number): number {
    return this.#of(id)?.size ?? 0
  }

  has(id: number, key: unknown): boolean {
    return this.#of(id)?.has(key) ?? false
  }

  get(id: number, key: unknown): unknown {
    return this.#of(id)?.get(key)
  }

  set(id: number, key: unknown, value: unknown): void {
    const map = this.#of(id)
    if (map === undefined) this.#maps.set(id, new Map([[key, value]]))
    else if (map.size < this.#room) map.set(key, value)
    else this.#maps.set(id, withEntry(map, key, value, this.#room))
  }

  delete(id: number, key: unknown): void {
    const map = this.#of(id)
    if (map?.delete(key) === true && map.size === 0) this.#maps.set(id, undefined)
  }

  /** Deletes without counting the key as dropped if nothing is left. */
  erase(id: number, key: unknown): void {
    const map = this.#of(id)
    if (map?.delete(key) === true && map.size === 0) this.#maps.erase(id)
  }

  entries(id: number): Iterable<readonly [unknown, unknown]> {
    return this.#of(id)?.entries() ?? []
  }

  clear(id: number): void {
    this.#maps.set(id, undefined)
  }

  forget(id: number): void {
    this.#maps.forget(id)
  }

  holds(id: number): boolean {
    return this.#maps.holds(id)
  }

  ids(): Iterable<number> {
    return this.#maps.ids()
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    const meta = versionMeta(this.#evolution)
    return [...byGroup(this.ids(), groupOf)].map(([group, own]) => {
      const shards = [...own].map(id => shardsOf(this.#of(id)!))
      const ids = Int32Array.from(shards.flatMap((maps, i) => maps.map(() => own[i])))
      const values = shards.flatMap(maps => maps.map(map => new Map(map)))
      return { group, meta, batch: new Batch(schema, [new Int32Column(ids), new AnyColumn(values)], ids.length) }
    })
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const own: number[] = []
    const values: ReadonlyMap<unknown, unknown>[] = []
    for (let i = 0; i < length; i++) {
      const map = this.#of(ids[i])
      if (map === undefined) continue
      for (const shard of shardsOf(map)) {
        own.push(ids[i])
        values.push(shard)
      }
    }
    if (own.length === 0) return []
    const columns = [new Int32Column(Int32Array.from(own)), new AnyColumn(values)]
    const meta = versionMeta(this.#evolution)
    return [{ group: MIXED_GROUPS, meta, batch: new Batch(schema, columns, own.length) }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch, meta } of parts) {
      if (batch === null) continue
      const migrate = migrationOf(this.#evolution, meta)
      const ids = idsOf(batch.columns[0], batch.length)
      for (let i = 0; i < ids.length; i++)
        for (const [key, value] of batch.get(1, i) as Map<unknown, unknown>)
          this.set(ids[i], key, migrate === null ? value : migrate(value))
    }
  }
}
