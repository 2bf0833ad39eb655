/**
 * One opaque value a key. A user's `value` state is such a value, `list` an array and `map` a Map: the containers are
 * the engine's, what is in them the user's. A value counts as changed when it is set.
 */
import { AnyColumn, Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { byGroup, idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import type { StateHandle, StatePart } from './handle.ts'

const schema = Schema.record([field('id', 'int32'), field('value', 'any', true)])

export class KeyedValues implements StateHandle {
  readonly #values: unknown[] = []
  readonly #dropped: DroppedKeys

  constructor(dropped: DroppedKeys) {
    this.#dropped = dropped
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

  holds(id: number): boolean {
    return this.#values[id] !== undefined
  }

  /** Ids with a value, ascending. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.#values.length; id++) if (this.#values[id] !== undefined) yield id
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    return [...byGroup(this.ids(), groupOf)].map(([group, ids]) => {
      const values = Array.from(ids, id => copyContainer(this.#values[id]))
      return { group, meta: null, batch: new Batch(schema, [new Int32Column(ids), new AnyColumn(values)], ids.length) }
    })
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch } of parts) {
      if (batch === null) continue
      const ids = idsOf(batch.columns[0], batch.length)
      for (let i = 0; i < ids.length; i++) this.set(ids[i], copyContainer(batch.get(1, i)))
    }
  }
}

/** What is in a container is a value and stays; the container itself goes on changing. */
function copyContainer(value: unknown): unknown {
  if (value instanceof Map) return new Map(value)
  return Array.isArray(value) ? [...value] : value
}
