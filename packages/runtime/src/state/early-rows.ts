/** Rows of numbers and flags, copied one batch behind the other into arrays that are used again and again. */
import {
  Batch,
  type BigintColumn,
  type BooleanColumn,
  type Column,
  type DoubleColumn,
  type Int32Column,
  type Schema,
} from '@millrace/algebra'
import { columnOver } from './arrays.ts'

type PlainColumn = Int32Column | DoubleColumn | BigintColumn | BooleanColumn
type PlainArray = PlainColumn['values']

const FIRST_ROWS = 1 << 12

/** Whether it has nothing but numbers and flags, in the order in which they are in its arrays, none of them null. */
export function isPlain({ columns, selection }: Batch): boolean {
  return selection === null && columns.every(({ kind, validity }) => PLAIN.has(kind) && validity === null)
}

const PLAIN: ReadonlySet<Column['kind']> = new Set(['int32', 'double', 'bigint', 'boolean'])

export class EarlyRows {
  length = 0
  readonly #schema: Schema
  #arrays: readonly PlainArray[]
  #room = FIRST_ROWS

  /** @param like plain, as all that is appended */
  constructor({ schema, columns }: Batch) {
    this.#schema = schema
    this.#arrays = columns.map(column => arrayLike((column as PlainColumn).values, FIRST_ROWS))
  }

  append({ columns, length }: Batch): void {
    if (this.length + length > this.#room) this.#grow(this.length + length)
    for (let c = 0; c < columns.length; c++) {
      const { values } = columns[c] as PlainColumn
      const own = values.length === length ? values : values.subarray(0, length)
      this.#arrays[c].set(own as never, this.length)
    }
    this.length += length
  }

  #grow(rows: number): void {
    while (this.#room < rows) this.#room *= 2
    this.#arrays = this.#arrays.map(array => {
      const larger = arrayLike(array, this.#room)
      larger.set(array as never)
      return larger
    })
  }

  /** The last so many of those that are left at most, valid until something else is appended. */
  take(most: number): Batch {
    const rows = Math.min(most, this.length)
    this.length -= rows
    const columns = this.#arrays.map(array => columnOver(array, this.length, this.length + rows))
    return new Batch(this.#schema, columns, rows)
  }
}

function arrayLike(values: PlainArray, length: number): PlainArray {
  if (values instanceof Int32Array) return new Int32Array(length)
  if (values instanceof Float64Array) return new Float64Array(length)
  return values instanceof Uint8Array ? new Uint8Array(length) : new BigInt64Array(length)
}
