/**
 * Joined rows as the columns of both sides. Where each left row has at most one partner, its columns pass as they are,
 * under their selection, and only the right's are gathered, to the same physical rows.
 */
import {
  AnyColumn,
  BATCH_ROWS,
  Batch,
  type Column,
  type DataType,
  DoubleColumn,
  gather,
  type Schema,
} from '@millrace/algebra'
import type { JoinColumn, JoinHow } from '@millrace/plan'
import { columnOfValues } from '../aggregate/column-of-values.ts'
import type { OperatorContext } from '../operator.ts'
import { gatherDoubles, gatherInts } from './gather-numbers.ts'
import type { JoinPairs } from './join-pairs.ts'
import { JoinTimes } from './join-times.ts'

export interface JoinColumnsOptions {
  readonly how: JoinHow
  /** Where the columns of `output` come from; those of side 'key' are an index into both keys. */
  readonly columns: readonly JoinColumn[]
  readonly output: Schema
  readonly leftKey: readonly number[]
  readonly rightKey: readonly number[]
}

export class ColumnPairs implements JoinPairs {
  readonly #options: JoinColumnsOptions
  readonly #context: OperatorContext
  readonly #times: JoinTimes
  /** Columns that may have to be made of values of another type, which is done for rows in use only. */
  readonly #dense: boolean
  #rows = new Int32Array(BATCH_ROWS)

  constructor(options: JoinColumnsOptions, context: OperatorContext) {
    this.#options = options
    this.#context = context
    this.#times = new JoinTimes(options.how)
    this.#dense = options.columns.some(({ side }) => side === 'key')
  }

  each(left: Batch, right: Batch, partners: Int32Array): void {
    const { selection, length } = left
    if (length === 0) return
    const physical = selection === null ? length : selection[length - 1] + 1
    if (this.#dense || physical > length * 2)
      return this.pairs(left, selection ?? upTo(length), right, partners, length)
    const rows = selection === null ? partners : this.#spread(partners, selection, length, physical, right.length)
    const columns = this.#options.columns.map(({ side, column }) =>
      side === 'left' ? left.columns[column] : gather(right.columns[column], rows, physical),
    )
    const times = this.#timesOfEach(left, right, rows)
    this.#context.emit(new Batch(this.#options.output, columns, length, selection, left.weights, times))
  }

  pairs(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, length: number): void {
    if (length === 0) return
    const { columns: sources, output, leftKey } = this.#options
    const columns = sources.map(({ side, column }, c) => {
      if (side === 'right') return gather(right.columns[column], rightRows, length)
      if (side === 'left') return gather(left.columns[column], leftRows, length)
      return widened(gather(left.columns[leftKey[column]], leftRows, length), output.fields[c].type, length)
    })
    let times: Float64Array | null = null
    if (this.#times.timed(left, right)) {
      times = new Float64Array(length)
      for (let i = 0; i < length; i++) times[i] = this.#times.later(left, leftRows[i], right, rightRows[i])
    }
    const weights = gatherInts(left.weights, leftRows.subarray(0, length))
    this.#context.emit(new Batch(output, columns, length, null, weights, times))
  }

  alone(right: Batch, rows: Int32Array): void {
    const { columns, output, rightKey } = this.#options
    const absent = new Array<null>(rows.length).fill(null)
    const made = columns.map(({ side, column }, c): Column => {
      const { type } = output.fields[c]
      if (side === 'left') return columnOfValues(type, absent)
      if (side === 'right') return gather(right.columns[column], rows, rows.length)
      return widened(gather(right.columns[rightKey[column]], rows, rows.length), type, rows.length)
    })
    this.#context.emit(new Batch(output, made, rows.length, null, null, gatherDoubles(right.times, rows)))
  }

  flush(): void {}

  /** The partners at the physical rows of the selected; at the others any row, which nobody reads. */
  #spread(
    partners: Int32Array,
    selection: Int32Array,
    length: number,
    physical: number,
    rightRows: number,
  ): Int32Array {
    if (this.#rows.length < physical) this.#rows = new Int32Array(physical)
    const rows = this.#rows
    rows.fill(rightRows > 0 ? 0 : -1, 0, physical)
    for (let i = 0; i < length; i++) rows[selection[i]] = partners[i]
    return rows
  }

  #timesOfEach(left: Batch, right: Batch, rows: Int32Array): Float64Array | null {
    if (!this.#times.timed(left, right)) return null
    if (right.times === null) return left.times
    const { selection, length } = left
    const times = new Float64Array(selection === null ? length : selection[length - 1] + 1)
    for (let i = 0; i < length; i++) {
      const row = selection === null ? i : selection[i]
      times[row] = this.#times.later(left, row, right, rows[row])
    }
    return times
  }
}

/** A key column of either side as a column of their common type. */
function widened(column: Column, type: DataType, length: number): Column {
  const fits =
    type.kind !== 'any' && !((type.kind === 'double' || type.kind === 'timestamp') && column.kind === 'int32')
  if (fits || column.kind === 'any') return column
  if (column.kind === 'int32' && type.kind !== 'any')
    return new DoubleColumn(Float64Array.from(column.values), column.validity)
  return new AnyColumn(Array.from({ length }, (_, i) => column.get(i)))
}

function upTo(length: number): Int32Array {
  const rows = new Int32Array(length)
  for (let i = 0; i < length; i++) rows[i] = i
  return rows
}
