/**
 * One opaque value a key, in an array by key id, which has no limit as one Map would (2^24 entries). A value counts as
 * changed when it is set.
 */
import { AnyColumn, Batch, EncodedColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { byGroup, idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import { EncodedValues } from './encoded-values.ts'
import { type Evolution, migrationOf, versionMeta } from './evolution.ts'
import { MIXED_GROUPS, type StateHandle, type StatePart } from './handle.ts'
import { columnsOf, requireStored, storedValues } from './stored-values.ts'

const schema = Schema.record([field('id', 'int32'), field('value', 'any', true)])
const OPAQUE = columnsOf(schema)

/** What is special about the values of one state. */
export interface ValueTraits {
  readonly evolution?: Evolution | undefined
  /** A copy that does not change with the original. */
  readonly copy?: (value: unknown) => unknown
  /** The container with each of the user's values in it migrated; default: it is such a value itself. */
  readonly each?: (container: unknown, migrate: (old: unknown) => unknown) => unknown
}

export class KeyedValues implements StateHandle {
  readonly #values: unknown[] = []
  /** Those that are as they were restored; null: none. */
  #encoded: EncodedValues | null = null
  readonly #dropped: DroppedKeys
  readonly #traits: ValueTraits
  readonly #copy: (value: unknown) => unknown

  constructor(dropped: DroppedKeys, traits: ValueTraits = {}) {
    this.#dropped = dropped
    this.#traits = traits
    this.#copy = traits.copy ?? copyContainer
  }

  /** Undefined where nothing is held. */
  get(id: number): unknown {
    const value = this.#values[id]
    return value === undefined && this.#encoded !== null ? this.#decoded(id) : value
  }

  #decoded(id: number): unknown {
    const value = this.#encoded!.get(id)
    if (value !== undefined) this.#put(id, value)
    return value
  }

  #put(id: number, value: unknown): void {
    while (this.#values.length <= id) this.#values.push(undefined)
    this.#values[id] = value
    this.#forget(id)
  }

  /** What was restored of it counts no longer. */
  #forget(id: number): void {
    if (this.#encoded === null) return
    this.#encoded.delete(id)
    if (this.#encoded.size === 0) this.#encoded = null
  }

  /** `undefined` removes. */
  set(id: number, value: unknown): void {
    if (value === undefined && this.holds(id)) this.#dropped.add(id)
    this.#put(id, value)
  }

  /** Removes without counting the key as dropped. */
  erase(id: number): void {
    if (id < this.#values.length) this.#values[id] = undefined
    this.#forget(id)
  }

  /** Removes it from memory only. */
  forget(id: number): void {
    this.erase(id)
  }

  holds(id: number): boolean {
    return this.#values[id] !== undefined || this.#encoded?.has(id) === true
  }

  /** Ids with a value, ascending. */
  *ids(): Generator<number> {
    const length = Math.max(this.#values.length, this.#encoded?.length ?? 0)
    for (let id = 0; id < length; id++) if (this.holds(id)) yield id
  }

  /** For a snapshot: one that is still as it was restored stays so. */
  #told(id: number): unknown {
    const value = this.#values[id]
    return value === undefined ? this.#encoded?.get(id) : value
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    const meta = versionMeta(this.#traits.evolution)
    return [...byGroup(this.ids(), groupOf)].map(([group, ids]) => {
      const values = Array.from(ids, id => this.#copy(this.#told(id)))
      return { group, meta, batch: new Batch(schema, [new Int32Column(ids), new AnyColumn(values)], ids.length) }
    })
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const own = new Int32Array(length)
    const values: unknown[] = []
    for (let i = 0; i < length; i++) {
      const value = this.#told(ids[i])
      if (value === undefined) continue
      own[values.length] = ids[i]
      values.push(value)
    }
    if (values.length === 0) return []
    const columns = [new Int32Column(own.slice(0, values.length)), new AnyColumn(values)]
    const meta = versionMeta(this.#traits.evolution)
    return [{ group: MIXED_GROUPS, meta, batch: new Batch(schema, columns, values.length) }]
  }

  restore(parts: readonly StatePart[]): void {
    const { evolution, each = (value, migrate) => migrate(value) } = this.#traits
    for (const part of parts) {
      const { batch, meta } = part
      if (batch === null) continue
      const migrate = migrationOf(evolution, meta)
      if (migrate === null) requireStored(part, evolution, undefined, OPAQUE)
      const ids = idsOf(batch.columns[0], batch.length)
      const encoded = batch.columns[1]
      if (migrate === null && encoded instanceof EncodedColumn) {
        this.#encoded ??= new EncodedValues()
        this.#encoded.add(ids, encoded)
        continue
      }
      const read = storedValues(part)
      for (let i = 0; i < ids.length; i++) {
        const value = this.#copy(read(i))
        this.set(ids[i], migrate === null ? value : each(value, migrate))
      }
    }
  }
}

/** What is in a container is a value and stays; the container itself goes on changing. */
function copyContainer(value: unknown): unknown {
  if (value instanceof Map) return new Map(value)
  return Array.isArray(value) ? [...value] : value
}
