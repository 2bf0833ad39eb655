/** Int32 keys by id. The hash of an int32 is a bijection, so where it is the whole key and no null is about, a candidate needs no second look. */
import { type Column, Int32Column, isValid } from '../column.ts'
import { typeOf } from '../schema.ts'
import { type KeyColumn, UNKNOWN, wrongKind } from './key-column.ts'
import { NullMarks } from './null-marks.ts'

export class Int32Keys implements KeyColumn {
  readonly #sole: boolean
  readonly #nulls = new NullMarks()
  #values = new Int32Array(0)

  constructor(sole: boolean) {
    this.#sole = sole
  }

  check(column: Column): void {
    if (column.kind !== 'int32') throw wrongKind(column, typeOf.int32)
  }

  grow(capacity: number): void {
    const larger = new Int32Array(capacity)
    larger.set(this.#values)
    this.#values = larger
    this.#nulls.grow(capacity)
  }

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    if (column.kind !== 'int32') throw wrongKind(column, typeOf.int32)
    const nullable = column.validity !== null || this.#nulls.any
    if (this.#sole && !nullable) return 0
    const stored = this.#values
    const values = column.values
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0) continue
      const row = selection === null ? i : selection[i]
      if (nullable ? this.equals(id, column, row) : stored[id] === values[row]) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  equals(id: number, column: Column, row: number): boolean {
    if (column.kind !== 'int32') throw wrongKind(column, typeOf.int32)
    if (this.#nulls.has(id)) return !isValid(column.validity, row)
    return isValid(column.validity, row) && this.#values[id] === column.values[row]
  }

  put(id: number, column: Column, row: number): void {
    if (column.kind !== 'int32') throw wrongKind(column, typeOf.int32)
    this.#nulls.set(id, !isValid(column.validity, row))
    this.#values[id] = column.values[row]
  }

  remove(): void {}

  gather(ids: Int32Array, length: number): Column {
    const stored = this.#values
    const values = new Int32Array(length)
    for (let i = 0; i < length; i++) values[i] = stored[ids[i]]
    return new Int32Column(values, this.#nulls.gather(ids, length))
  }
}
