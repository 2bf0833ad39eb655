/**
 * The first row of each key; without a key, of each row as a whole.
 *
 * Law: distinct(a + b) = distinct(a) + (distinct(b) less the keys of a), for appended rows in order.
 * State: the keys seen. Cost: one hash probe a row; passes rows on under a selection and copies none.
 */
import { Batch, type Schema } from '@millrace/algebra'
import { type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { ColumnsState } from '../state/columns.ts'
import { requireAppends } from './append-only.ts'

export interface DistinctOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns that are the key: all of the row's, for whole rows. */
  readonly key: readonly number[]
  /** Input columns that make up an output row, in the order of `output`. */
  readonly columns: readonly number[]
  readonly output: Schema
}

export function distinctOperator(options: DistinctOptions): OperatorSpec {
  const { label, site, name, schema, key, output } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema, key: { columns: key, missing: 'insert' } }],
    outputs: [output],
    state: { seen: { kind: 'columns', fields: [] } },
    create: ({ seen }, context) => new Distinct(options, seen, context),
  })
}

class Distinct implements Operator {
  readonly #options: DistinctOptions
  readonly #seen: ColumnsState
  readonly #context: OperatorContext
  #selection = new Int32Array(0)

  constructor(options: DistinctOptions, seen: ColumnsState, context: OperatorContext) {
    this.#options = options
    this.#seen = seen
    this.#context = context
  }

  process(batch: Batch): void {
    requireAppends(batch, 'distinct')
    const { ids, keys } = this.#context
    const { selection, length, times } = batch
    this.#seen.ensure(keys.capacity)
    const { present } = this.#seen
    if (this.#selection.length < length) this.#selection = new Int32Array(length)
    const first = this.#selection
    let rows = 0
    for (let i = 0; i < length; i++) {
      if (present[ids[i]] === 1) continue
      present[ids[i]] = 1
      first[rows++] = selection === null ? i : selection[i]
    }
    if (rows === 0) return
    const { columns, output } = this.#options
    const kept = columns.map(c => batch.columns[c])
    this.#context.emit(new Batch(output, kept, rows, rows === length ? selection : first, null, times))
  }
}
