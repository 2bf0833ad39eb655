/** Joined rows as what a user's function makes of the two; null for the one that is absent. */
import type { Batch, Schema } from '@millrace/algebra'
import type { JoinHow } from '@millrace/plan'
import type { OperatorContext } from '../operator.ts'
import { refusePromise } from '../rows/refuse-promise.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import type { JoinPairs } from './join-pairs.ts'
import { JoinTimes } from './join-times.ts'
import { RowOutput } from './row-output.ts'
import type { RowSource } from './row-source.ts'
import { userFailure } from './user-failure.ts'

export interface JoinSelectOptions {
  readonly how: JoinHow
  readonly output: Schema
  readonly select: (left: never, right: never) => unknown
  readonly leftRow: RowSource
  readonly rightRow: RowSource
  readonly batchRows?: number
}

export class SelectPairs implements JoinPairs {
  readonly #select: (left: unknown, right: unknown) => unknown
  readonly #left: RowReader
  readonly #right: RowReader
  readonly #times: JoinTimes
  readonly #output: RowOutput

  constructor(options: JoinSelectOptions, context: OperatorContext) {
    this.#select = options.select as (left: unknown, right: unknown) => unknown
    this.#left = rowReader(options.leftRow.schema, options.leftRow.columns)
    this.#right = rowReader(options.rightRow.schema, options.rightRow.columns)
    this.#times = new JoinTimes(options.how)
    this.#output = new RowOutput(options.output, context, 0, options.batchRows)
  }

  each(left: Batch, right: Batch, partners: Int32Array): void {
    const { selection, length } = left
    const timed = this.#times.timed(left, right)
    for (let i = 0; i < length; i++) this.#pair(left, selection === null ? i : selection[i], right, partners[i], timed)
  }

  pairs(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, length: number): void {
    const timed = this.#times.timed(left, right)
    for (let i = 0; i < length; i++) this.#pair(left, leftRows[i], right, rightRows[i], timed)
  }

  alone(right: Batch, rows: Int32Array): void {
    for (const row of rows) this.#add(null, this.#right(right, row), right.times?.[row], 1)
  }

  flush(): void {
    this.#output.flush()
  }

  #pair(left: Batch, leftRow: number, right: Batch, rightRow: number, timed: boolean): void {
    const partner = rightRow < 0 ? null : this.#right(right, rightRow)
    const time = timed ? this.#times.later(left, leftRow, right, rightRow) : undefined
    this.#add(this.#left(left, leftRow), partner, time, left.weights === null ? 1 : left.weights[leftRow])
  }

  #add(left: unknown, right: unknown, time: number | undefined, weight: number): void {
    try {
      const row = this.#select(left, right)
      refusePromise('join', row)
      this.#output.add(row, time, weight)
    } catch (error) {
      throw userFailure(error)
    }
  }
}
