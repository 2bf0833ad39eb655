/** Bigint keys by id, compared as pairs of words: reading a `BigInt64Array` element makes an object. */
import { BigintColumn, type Column, isValid } from '../column.ts'
import { typeOf } from '../schema.ts'
import { type KeyColumn, UNKNOWN, wrongKind } from './key-column.ts'
import { NullMarks } from './null-marks.ts'

export class BigintKeys implements KeyColumn {
  readonly #nulls = new NullMarks()
  /** Low and high word of each id's key. */
  #words = new Int32Array(0)

  check(column: Column): void {
    if (column.kind !== 'bigint') throw wrongKind(column, typeOf.bigint)
  }

  grow(capacity: number): void {
    const larger = new Int32Array(capacity * 2)
    larger.set(this.#words)
    this.#words = larger
    this.#nulls.grow(capacity)
  }

  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number {
    if (column.kind !== 'bigint') throw wrongKind(column, typeOf.bigint)
    const { values, validity } = column
    const stored = this.#words
    const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2)
    let wrong = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0) continue
      const row = selection === null ? i : selection[i]
      const isNull = this.#nulls.has(id)
      if (isNull || !isValid(validity, row)) {
        if (isNull && !isValid(validity, row)) continue
      } else if (stored[id * 2] === words[row * 2] && stored[id * 2 + 1] === words[row * 2 + 1]) continue
      ids[i] = UNKNOWN
      wrong++
    }
    return wrong
  }

  equals(id: number, column: Column, row: number): boolean {
    if (column.kind !== 'bigint') throw wrongKind(column, typeOf.bigint)
    if (this.#nulls.has(id)) return !isValid(column.validity, row)
    const value = column.values[row]
    return (
      isValid(column.validity, row) &&
      this.#words[id * 2] === Number(BigInt.asIntN(32, value)) &&
      this.#words[id * 2 + 1] === Number(value >> 32n)
    )
  }

  put(id: number, column: Column, row: number): void {
    if (column.kind !== 'bigint') throw wrongKind(column, typeOf.bigint)
    const value = column.values[row]
    this.#nulls.set(id, !isValid(column.validity, row))
    this.#words[id * 2] = Number(BigInt.asIntN(32, value))
    this.#words[id * 2 + 1] = Number(value >> 32n)
  }

  remove(): void {}

  gather(ids: Int32Array, length: number): Column {
    const stored = this.#words
    const values = new BigInt64Array(length)
    const words = new Int32Array(values.buffer)
    for (let i = 0; i < length; i++) {
      words[i * 2] = stored[ids[i] * 2]
      words[i * 2 + 1] = stored[ids[i] * 2 + 1]
    }
    return new BigintColumn(values, this.#nulls.gather(ids, length))
  }
}
