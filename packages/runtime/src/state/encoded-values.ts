/**
 * Opaque values of a restored state that nobody has asked for yet: by id, the column and row in which they are as bytes. So a
 * job goes on before millions of objects are made, and what is never asked for stays as small as it was written.
 */
import type { EncodedColumn } from '@millrace/algebra'

export class EncodedValues {
  readonly #columns: EncodedColumn[] = []
  /** By id: 1 + the number of the column, 0 where there is nothing. */
  #columnOf = new Int32Array(0)
  #rowOf = new Int32Array(0)
  #left = 0

  /** The values of so many. */
  get size(): number {
    return this.#left
  }

  /** All ids are below this. */
  get length(): number {
    return this.#columnOf.length
  }

  add(ids: Int32Array, column: EncodedColumn): void {
    this.#columns.push(column)
    const number = this.#columns.length
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i]
      if (id >= this.#columnOf.length) this.#growFor(id)
      if (this.#columnOf[id] === 0) this.#left++
      this.#columnOf[id] = number
      this.#rowOf[id] = i
    }
  }

  #growFor(id: number): void {
    const length = Math.max(id + 1, this.#columnOf.length * 2)
    const columnOf = new Int32Array(length)
    const rowOf = new Int32Array(length)
    columnOf.set(this.#columnOf)
    rowOf.set(this.#rowOf)
    this.#columnOf = columnOf
    this.#rowOf = rowOf
  }

  has(id: number): boolean {
    return id < this.#columnOf.length && this.#columnOf[id] !== 0
  }

  /** Undefined where there is nothing. A copy of its own for whoever asks. */
  get(id: number): unknown {
    return this.has(id) ? this.#columns[this.#columnOf[id] - 1].get(this.#rowOf[id]) : undefined
  }

  delete(id: number): void {
    if (!this.has(id)) return
    this.#columnOf[id] = 0
    this.#left--
  }
}
