/**
 * Rows in order of arrival: a join's build side, what a sort has yet to order.
 *
 * State: batches as they came, copied, put together into one when they are read; keyed, also a chain from each key id
 * through its rows in order of arrival (`head`, `next`). Cost: a copy a row, twice.
 */
import { Batch, compact, concat, field, Int32Column, Schema } from '@millrace/algebra'
import { idsOf } from './arrays.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import type { StateHandle, StatePart } from './handle.ts'

export class RowsState implements StateHandle {
  readonly schema: Schema
  readonly keyed: boolean
  #parts: Batch[] = []
  #rows = 0
  /** First row of each key id, -1: none; then the row after each row, -1: none. */
  head = new Int32Array(0)
  next = new Int32Array(0)
  /** No key has a second row. */
  unique = true
  /** Each row's number is its key's id: so while every row brings a new key and none was freed before. */
  aligned = true
  #tail = new Int32Array(0)
  readonly #dropped: DroppedKeys

  constructor(schema: Schema, keyed: boolean, dropped: DroppedKeys) {
    this.schema = schema
    this.keyed = keyed
    this.#dropped = dropped
  }

  get length(): number {
    return this.#rows
  }

  /** Copies the batch's rows; `ids`: the key id of each, if keyed. */
  append(batch: Batch, ids?: Int32Array): void {
    if (batch.length === 0) return
    this.#parts.push(compact(batch))
    if (this.keyed) this.#chain(ids!, batch.length)
    this.#rows += batch.length
  }

  /** All rows, as one batch that is valid until the next `append` or `clear`. It has times if every row has one. */
  all(): Batch {
    if (this.#rows === 0) return concat([], this.schema)
    if (this.#parts.length > 1) {
      const timed = this.#parts.every(part => part.times !== null)
      this.#parts = [concat(timed ? this.#parts : this.#parts.map(untimed), this.schema)]
    }
    return this.#parts[0]
  }

  clear(): void {
    this.#parts = []
    this.#rows = 0
    this.unique = true
    this.aligned = true
    for (let id = 0; id < this.head.length; id++) if (this.head[id] >= 0) this.#dropped.add(id)
    this.head.fill(-1)
    this.#tail.fill(-1)
  }

  holds(id: number): boolean {
    return id < this.head.length && this.head[id] >= 0
  }

  #chain(ids: Int32Array, length: number): void {
    let most = 0
    for (let i = 0; i < length; i++) if (ids[i] > most) most = ids[i]
    if (most >= this.head.length) {
      this.head = filled(this.head, Math.max(most + 1, this.head.length * 2, 1024))
      this.#tail = filled(this.#tail, this.head.length)
    }
    if (this.#rows + length > this.next.length)
      this.next = filled(this.next, Math.max(this.#rows + length, this.next.length * 2, 1024))
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      const row = this.#rows + i
      if (id !== row) this.aligned = false
      this.next[row] = -1
      if (this.head[id] < 0) this.head[id] = row
      else {
        this.next[this.#tail[id]] = row
        this.unique = false
      }
      this.#tail[id] = row
    }
  }

  /** One part for the rows and one, if keyed, for the key id of each: the arrival order crosses key groups. */
  snapshot(): StatePart[] {
    if (this.#rows === 0) return []
    const parts: StatePart[] = [{ group: -1, meta: 'rows', batch: compact(this.all()) }]
    if (this.keyed) {
      const ids = new Int32Array(this.#rows)
      for (let id = 0; id < this.head.length; id++)
        for (let row = this.head[id]; row >= 0; row = this.next[row]) ids[row] = id
      parts.push({ group: -1, meta: 'ids', batch: new Batch(idSchema, [new Int32Column(ids)], this.#rows) })
    }
    return parts
  }

  restore(parts: readonly StatePart[]): void {
    const rows = parts.find(p => p.meta === 'rows')?.batch
    if (rows == null) return
    const ids = parts.find(p => p.meta === 'ids')?.batch
    this.append(rows, ids == null ? undefined : idsOf(ids.columns[0], ids.length))
  }
}

const idSchema = Schema.record([field('id', 'int32')])

function untimed({ schema, columns, length, weights }: Batch): Batch {
  return new Batch(schema, columns, length, null, weights)
}

function filled(old: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(length).fill(-1)
  array.set(old)
  return array
}
