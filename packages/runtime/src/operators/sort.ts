/**
 * The rows of a bounded input in order of some of their columns. Stable.
 *
 * Law: a permutation of the input with non-descending keys, in which rows with equal keys keep their order. Nulls last.
 * Algorithm: all rows are kept; at the end a merge sort of positions, then a gather a batch.
 * State: the rows. Cost: n log n comparisons, three copies a row.
 *
 * No order of rows is that of time, so watermarks end here; the last one follows the rows.
 */
import { BATCH_ROWS, Batch, gather, type Schema, sortPermutation } from '@millrace/algebra'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { RowsState } from '../state/rows.ts'
import { gatherDoubles, gatherInts } from './gather-numbers.ts'

export interface SortOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns to sort by, the first first. */
  readonly by: readonly { readonly column: number; readonly descending: boolean }[]
  /** Input columns that make up an output row, in the order of `output`. */
  readonly columns: readonly number[]
  readonly output: Schema
  /** Rows in an output batch; default 1024. */
  readonly batchRows?: number
}

export function sortOperator(options: SortOptions): OperatorSpec {
  const { label, site, name, schema, output } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema }],
    outputs: [output],
    global: true,
    state: { rows: { kind: 'rows', schema, keyed: false } },
    makesWatermarks: true,
    create: ({ rows }, context) => new Sort(options, rows, context),
  })
}

class Sort implements Operator {
  readonly #options: SortOptions
  readonly #rows: RowsState
  readonly #context: OperatorContext
  #order: Int32Array | undefined
  #next = 0

  constructor(options: SortOptions, rows: RowsState, context: OperatorContext) {
    this.#options = options
    this.#rows = rows
    this.#context = context
  }

  process(batch: Batch): void {
    this.#rows.append(batch)
  }

  onInputEnd(): Done {
    const { by, columns, output, batchRows = BATCH_ROWS } = this.#options
    const { columns: all, weights, times, length } = this.#rows.all()
    this.#order ??= sortPermutation(
      by.map(({ column }) => all[column]),
      by.map(({ descending }) => (descending ? 'descending' : 'ascending')),
      length,
    )
    while (this.#next < length) {
      if (this.#context.full) return false
      const order = this.#order.subarray(this.#next, this.#next + batchRows)
      this.#next += order.length
      const rows = columns.map(c => gather(all[c], order, order.length))
      this.#context.emit(
        new Batch(output, rows, order.length, null, gatherInts(weights, order), gatherDoubles(times, order)),
      )
    }
    this.#rows.clear()
    return true
  }

  onEnd(): Done {
    if (this.#context.watermark === Number.POSITIVE_INFINITY) this.#context.emitWatermark(Number.POSITIVE_INFINITY)
    return true
  }
}
