/**
 * Typed columns with one row a key: what unwindowed aggregates keep.
 *
 * State: one array a field and a presence byte, indexed by key id. Cost: an array access. Readers fetch `arrays` and
 * `present` once a batch, after `ensure`: growing replaces them.
 */
import { Batch, type Field, Int32Column } from '@millrace/algebra'
import {
  byGroup,
  gatherArray,
  grown,
  idsOf,
  type StateArray,
  scatterArray,
  snapshotSchema,
  stateArray,
} from './arrays.ts'
import { DroppedKeys } from './dropped-keys.ts'
import { MIXED_GROUPS, type StateHandle, type StatePart } from './handle.ts'
import { heldOf, mostOf, viewArray } from './held-ids.ts'

export class ColumnsState implements StateHandle {
  readonly fields: readonly Field[]
  arrays: StateArray[]
  /** 1 where a key has a row. */
  present = new Uint8Array(0)
  readonly #dropped: DroppedKeys

  constructor(fields: readonly Field[], dropped = new DroppedKeys()) {
    this.fields = fields
    this.#dropped = dropped
    this.arrays = fields.map(f => stateArray(f, 0))
  }

  /** Makes room for ids below `capacity`. */
  ensure(capacity: number): void {
    if (capacity <= this.present.length) return
    const room = Math.max(capacity, this.present.length * 2, 1024)
    this.arrays = this.arrays.map((array, i) => grown(array, this.fields[i], room))
    const present = new Uint8Array(room)
    present.set(this.present)
    this.present = present
  }

  clear(id: number): void {
    if (!this.holds(id)) return
    this.present[id] = 0
    this.#dropped.add(id)
    for (const array of this.arrays) if (Array.isArray(array)) array[id] = undefined
  }

  /** Clears every id. */
  clearAll(): void {
    this.#dropped.beforeAll()
    this.present.fill(0)
    for (const array of this.arrays) if (Array.isArray(array)) array.fill(undefined)
    this.#dropped.all = true
  }

  /** Clears ids with a row whose keys another state holds, so that none of them is to be freed. */
  clearHeld(ids: Int32Array, length: number): void {
    for (let i = 0; i < length; i++) this.present[ids[i]] = 0
    for (const array of this.arrays) {
      if (Array.isArray(array)) for (let i = 0; i < length; i++) array[ids[i]] = undefined
    }
  }

  holds(id: number): boolean {
    return this.present[id] === 1
  }

  /** Ids with a row, ascending: the canonical order. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.present.length; id++) if (this.present[id] === 1) yield id
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    const schema = snapshotSchema(this.fields)
    return [...byGroup(this.ids(), groupOf)].map(([group, ids]) => ({
      group,
      meta: null,
      batch: new Batch(
        schema,
        [new Int32Column(ids), ...this.arrays.map(array => gatherArray(array, ids, ids.length))],
        ids.length,
      ),
    }))
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const own = heldOf(this.present, ids, length)
    if (own.length === 0) return []
    const columns = [new Int32Column(own), ...this.arrays.map(array => viewArray(array, own, own.length))]
    return [{ group: MIXED_GROUPS, meta: null, batch: new Batch(snapshotSchema(this.fields), columns, own.length) }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch } of parts) {
      if (batch === null) continue
      const ids = idsOf(batch.columns[0], batch.length)
      this.ensure(mostOf(ids) + 1)
      for (let i = 0; i < ids.length; i++) this.present[ids[i]] = 1
      for (let c = 0; c < this.arrays.length; c++) scatterArray(this.arrays[c], ids, batch.columns[c + 1])
    }
  }
}
