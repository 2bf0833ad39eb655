/** Keys of any kind by id: what a key function returned, numbers and text and the rest mixed. Takes every kind of column; `any` is the fast one. */
import { AnyColumn, type Column } from '../column.ts'
import type { KeyColumn } from './key-column.ts'
import { UNKNOWN } from './key-column.ts'
import { ownedKey, sameKey } from './key-value.ts'

export class AnyKeys implements KeyColumn {
  #values: unknown[] = []

  check(): void {}

  grow(): void {}

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    if (column.kind !== 'any') return this.#verifyEach(column, selection, length, ids)
    const stored = this.#values
    const values = column.values
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0) continue
      const value = values[selection === null ? i : selection[i]]
      if (stored[id] === value || sameKey(stored[id], value)) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  #verifyEach(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    let wrong = 0
    for (let i = 0; i < length; i++) {
      if (ids[i] < 0 || this.equals(ids[i], column, selection === null ? i : selection[i])) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  equals(id: number, column: Column, row: number): boolean {
    return sameKey(this.#values[id], column.get(row))
  }

  put(id: number, column: Column, row: number): void {
    const value = ownedKey(column.get(row))
    if (id === this.#values.length) this.#values.push(value)
    else if (id < this.#values.length) this.#values[id] = value
    else this.#fill(id, value)
  }

  /** Restored keys may come in any order; holes would make a sparse array. */
  #fill(id: number, value: unknown): void {
    while (this.#values.length < id) this.#values.push(null)
    this.#values.push(value)
  }

  remove(id: number): void {
    this.#values[id] = null
  }

  gather(ids: Int32Array, length: number): Column {
    const values = new Array<unknown>(length)
    for (let i = 0; i < length; i++) values[i] = this.#values[ids[i]]
    return new AnyColumn(values)
  }
}
