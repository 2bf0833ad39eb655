/**
 * A map of opaque values that every subtask holds alike: each makes the same changes to it, from elements that all of them
 * see. A snapshot has every subtask's, and one is as good as another. Iteration is in the order in which keys came.
 */
import { AnyColumn, Batch, field, Schema } from '@millrace/algebra'
import { type Evolution, migrationOf, versionMeta } from './evolution.ts'
import type { StateHandle, StatePart } from './handle.ts'
import { LargeMap } from './large-map.ts'

const schema = Schema.record([field('key', 'any', true), field('value', 'any', true)])

export class BroadcastState<K, V> implements StateHandle {
  #map = new LargeMap<K, V>()
  readonly #evolution: Evolution | undefined

  constructor(evolution?: Evolution) {
    this.#evolution = evolution
  }

  get size(): number {
    return this.#map.size
  }

  has(key: K): boolean {
    return this.#map.has(key)
  }

  get(key: K): V | undefined {
    return this.#map.get(key)
  }

  set(key: K, value: V): void {
    this.#map.set(key, value)
  }

  delete(key: K): void {
    this.#map.delete(key)
  }

  entries(): Iterable<readonly [K, V]> {
    return this.#map.entries()
  }

  clear(): void {
    this.#map = new LargeMap()
  }

  snapshot(): StatePart[] {
    const entries = [...this.#map.entries()]
    const columns = [new AnyColumn(entries.map(([key]) => key)), new AnyColumn(entries.map(([, value]) => value))]
    return [{ group: -1, meta: versionMeta(this.#evolution), batch: new Batch(schema, columns, entries.length) }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch, meta } of parts) {
      if (batch === null) continue
      const migrate = migrationOf(this.#evolution, meta)
      for (let i = 0; i < batch.length; i++) {
        const value = batch.get(1, i)
        this.#map.set(batch.get(0, i) as K, (migrate === null ? value : migrate(value)) as V)
      }
    }
  }
}
