/** Boolean keys by id. */
import { BooleanColumn, type Column, isValid } from '../column.ts'
import { typeOf } from '../schema.ts'
import { type KeyColumn, UNKNOWN, wrongKind } from './key-column.ts'

const NULL = 2

export class BooleanKeys implements KeyColumn {
  /** 0, 1, or 2 for null. */
  #values = new Uint8Array(0)

  check(column: Column): void {
    if (column.kind !== 'boolean') throw wrongKind(column, typeOf.boolean)
  }

  grow(capacity: number): void {
    const larger = new Uint8Array(capacity)
    larger.set(this.#values)
    this.#values = larger
  }

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    let wrong = 0
    for (let i = 0; i < length; i++) {
      if (ids[i] < 0 || this.equals(ids[i], column, selection === null ? i : selection[i])) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  equals(id: number, column: Column, row: number): boolean {
    return this.#values[id] === keyOf(column, row)
  }

  put(id: number, column: Column, row: number): void {
    this.#values[id] = keyOf(column, row)
  }

  remove(): void {}

  gather(ids: Int32Array, length: number): Column {
    const values = new Uint8Array(length)
    let nulls = 0
    for (let i = 0; i < length; i++) {
      const value = this.#values[ids[i]]
      values[i] = value & 1
      nulls |= value
    }
    if ((nulls & NULL) === 0) return new BooleanColumn(values)
    const validity = new Uint8Array((length + 7) >>> 3)
    for (let i = 0; i < length; i++) if (this.#values[ids[i]] !== NULL) validity[i >>> 3] |= 1 << (i & 7)
    return new BooleanColumn(values, validity)
  }
}

function keyOf(column: Column, row: number): number {
  if (column.kind !== 'boolean') throw wrongKind(column, typeOf.boolean)
  return isValid(column.validity, row) ? column.values[row] : NULL
}
