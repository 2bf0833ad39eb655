/** Number keys by id, timestamps among them: double or int32 columns; -0 is 0 and there is one NaN. */
import { type Column, DoubleColumn, isValid } from '../column.ts'
import { typeOf } from '../schema.ts'
import { type KeyColumn, UNKNOWN, wrongKind } from './key-column.ts'
import { NullMarks } from './null-marks.ts'

export class DoubleKeys implements KeyColumn {
  readonly #nulls = new NullMarks()
  #values = new Float64Array(0)

  check(column: Column): void {
    if (column.kind !== 'double' && column.kind !== 'int32') throw wrongKind(column, typeOf.double)
  }

  grow(capacity: number): void {
    const larger = new Float64Array(capacity)
    larger.set(this.#values)
    this.#values = larger
    this.#nulls.grow(capacity)
  }

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    if (column.kind !== 'double') return this.#verifyEach(column, selection, length, ids)
    if (column.validity !== null || this.#nulls.any) return this.#verifyEach(column, selection, length, ids)
    const stored = this.#values
    const values = column.values
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0 || sameNumber(stored[id], values[selection === null ? i : selection[i]])) continue
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
    if (column.kind !== 'double' && column.kind !== 'int32') throw wrongKind(column, typeOf.double)
    if (this.#nulls.has(id)) return !isValid(column.validity, row)
    return isValid(column.validity, row) && sameNumber(this.#values[id], column.values[row])
  }

  put(id: number, column: Column, row: number): void {
    if (column.kind !== 'double' && column.kind !== 'int32') throw wrongKind(column, typeOf.double)
    const value = column.values[row]
    this.#nulls.set(id, !isValid(column.validity, row))
    this.#values[id] = value === 0 ? 0 : value // -0 goes out as 0
  }

  remove(): void {}

  gather(ids: Int32Array, length: number): Column {
    const stored = this.#values
    const values = new Float64Array(length)
    for (let i = 0; i < length; i++) values[i] = stored[ids[i]]
    return new DoubleColumn(values, this.#nulls.gather(ids, length))
  }
}

function sameNumber(a: number, b: number): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}
