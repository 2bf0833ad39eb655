/**
 * Typed columns with one row a key and *slice*, a stretch of event time: what windowed aggregates keep. Windows that
 * overlap share their slices (Li et al., "No Pane, No Gain", SIGMOD Record 2005, section 3; Traub et al., Scotty,
 * EDBT 2019), and it is slices, not rows, that are snapshotted.
 *
 * State: a slice is one array a field and a presence byte, indexed by key id, and the list of keys it has touched.
 * Dropped slices lend their arrays to new ones. Memory: keys alive in any slice x slices x bytes a row.
 */
import { Batch, type Field, Int32Column } from '@millrace/algebra'
import { byGroup, gatherArray, grown, idsOf, scatterArray, snapshotSchema } from './arrays.ts'
import { DroppedKeys } from './dropped-keys.ts'
import { MIXED_GROUPS, type StateHandle, type StatePart } from './handle.ts'
import { heldOf, mostOf, viewArray } from './held-ids.ts'
import { Slice } from './slice.ts'

export class SlicesState implements StateHandle {
  readonly fields: readonly Field[]
  /** Number of slices that hold a row of the key, by id. */
  #holders = new Int32Array(0)
  readonly #slices = new Map<number, Slice>()
  readonly #spare: Slice[] = []
  #capacity = 0
  /** Slices made so far. */
  #made = 0
  /** While a snapshot is in flight: the slices at its barrier, which keep what they held. */
  #frozen: readonly Slice[] | undefined
  readonly #dropped: DroppedKeys

  constructor(fields: readonly Field[], dropped = new DroppedKeys()) {
    this.fields = fields
    this.#dropped = dropped
  }

  get size(): number {
    return this.#slices.size
  }

  /** Starts of the slices that exist, ascending. */
  starts(): number[] {
    return [...this.#slices.keys()].sort((a, b) => a - b)
  }

  earliest(): number | undefined {
    let least: number | undefined
    for (const start of this.#slices.keys()) if (least === undefined || start < least) least = start
    return least
  }

  get(start: number): Slice | undefined {
    return this.#slices.get(start)
  }

  /** The slice, made if need be, with room for ids below `capacity`. */
  at(start: number, capacity: number): Slice {
    if (capacity > this.#capacity) this.#grow(capacity)
    let slice = this.#slices.get(start)
    if (slice === undefined) {
      slice = this.#spare.pop() ?? new Slice(start, this.fields, this.#capacity)
      slice.start = start
      slice.number = this.#made++
      this.#slices.set(start, slice)
    }
    if (slice.present.length < this.#capacity) this.#enlarge(slice)
    return slice
  }

  /** Counts the keys that a slice has newly touched since its size was `before`. */
  touched(slice: Slice, before: number): void {
    for (let i = before; i < slice.size; i++) this.#holders[slice.touched[i]]++
  }

  /** Removes a slice. */
  drop(start: number): void {
    const slice = this.#slices.get(start)
    if (slice === undefined) return
    this.#slices.delete(start)
    const ids = slice.sortedIds()
    for (const id of ids) if (--this.#holders[id] === 0) this.#dropped.add(id)
    if (this.#frozen?.includes(slice) === true) return
    for (const id of ids) slice.present[id] = 0
    for (const array of slice.arrays) if (Array.isArray(array)) array.fill(undefined)
    slice.size = 0
    if (this.#spare.length < 2) this.#spare.push(slice)
  }

  holds(id: number): boolean {
    return id < this.#holders.length && this.#holders[id] > 0
  }

  #grow(capacity: number): void {
    this.#capacity = Math.max(capacity, this.#capacity * 2, 1024)
    const holders = new Int32Array(this.#capacity)
    holders.set(this.#holders)
    this.#holders = holders
  }

  #enlarge(slice: Slice): void {
    slice.arrays = slice.arrays.map((array, i) => grown(array, this.fields[i], this.#capacity))
    const present = new Uint8Array(this.#capacity)
    present.set(slice.present)
    slice.present = present
    const touched = new Int32Array(this.#capacity)
    touched.set(slice.touched)
    slice.touched = touched
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    const schema = snapshotSchema(this.fields)
    return this.starts().flatMap((start): StatePart[] => {
      const slice = this.#slices.get(start)!
      if (slice.size === 0) return [{ group: -1, meta: start, batch: null }]
      return [...byGroup(slice.sortedIds(), groupOf)].map(([group, ids]) => ({
        group,
        meta: start,
        batch: new Batch(
          schema,
          [new Int32Column(ids), ...slice.arrays.map(array => gatherArray(array, ids, ids.length))],
          ids.length,
        ),
      }))
    })
  }

  freeze(): StatePart[] {
    const starts = this.starts()
    this.#frozen = starts.map(start => this.#slices.get(start)!)
    const slices = this.#frozen.map(({ start, number }) => [start, number] as const)
    return [{ group: -1, meta: { slices }, batch: null }]
  }

  thaw(): void {
    this.#frozen = undefined
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    const schema = snapshotSchema(this.fields)
    return (this.#frozen ?? []).flatMap(({ start, number, present, arrays }): StatePart[] => {
      const own = heldOf(present, ids, length)
      if (own.length === 0) return []
      const columns = [new Int32Column(own), ...arrays.map(array => viewArray(array, own, own.length))]
      return [{ group: MIXED_GROUPS, meta: [start, number], batch: new Batch(schema, columns, own.length) }]
    })
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch, meta } of parts) {
      const start = meta as number
      if (batch === null) {
        this.at(start, 0)
        continue
      }
      const ids = idsOf(batch.columns[0], batch.length)
      const slice = this.at(start, mostOf(ids) + 1)
      const before = slice.size
      for (const id of ids) {
        slice.present[id] = 1
        slice.touched[slice.size++] = id
      }
      for (let c = 0; c < slice.arrays.length; c++) scatterArray(slice.arrays[c], ids, batch.columns[c + 1])
      this.touched(slice, before)
    }
  }
}
