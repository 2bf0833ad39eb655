/**
 * One opaque value a key, in an array by key id, which has no limit as one Map would (2^24 entries). A value counts as
 * changed when it is set.
 */
import { AnyColumn, Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { byGroup, idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
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
    return this.#values[id]
  }

  /** `undefined` removes. */
  set(id: number, value: unknown): void {
    if (value === undefined && this.holds(id)) this.#dropped.add(id)
    while (this.#values.length <= id) this.#values.push(undefined)
    this.#values[id] = value
  }

  /** Removes without counting the key as dropped. */
  erase(id: number): void {
    if (id < this.#values.length) this.#values[id] = undefined
  }

  holds(id: number): boolean {
    return this.#values[id] !== undefined
  }

  /** Ids with a value, ascending. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.#values.length; id++) if (this.#values[id] !== undefined) yield id
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    const meta = versionMeta(this.#traits.evolution)
    return [...byGroup(this.ids(), groupOf)].map(([group, ids]) => {
      const values = Array.from(ids, id => this.#copy(this.#values[id]))
      return { group, meta, batch: new Batch(schema, [new Int32Column(ids), new AnyColumn(values)], ids.length) }
    })
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const own = new Int32Array(length)
    const values: unknown[] = []
    for (let i = 0; i < length; i++) {
      const value = this.#values[ids[i]]
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
