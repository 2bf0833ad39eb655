/**
 * Running fold: for each row, in order, the fold of its key's rows up to it.
 *
 * Law: the n-th output row of a key is f(... f(f(initial(), row 1), row 2) ..., row n); it has row n's time.
 * State: the fold by key. Cost: one hash probe and one call a row.
 */
import type { Batch, Schema } from '@millrace/algebra'
import { type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import type { KeyedValues } from '../state/keyed-values.ts'
import { requireAppends } from './append-only.ts'
import { foldedValue } from './fold-value.ts'
import { RowOutput } from './row-output.ts'
import type { RowSource } from './row-source.ts'
import { userFailure } from './user-failure.ts'

export interface ScanOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns that are the key. */
  readonly key: readonly number[]
  readonly row: RowSource
  readonly output: Schema
  readonly initial: () => unknown
  readonly fn: (folded: never, row: never) => unknown
  /** Rows in an output batch; default 1024. */
  readonly batchRows?: number
}

export function scanOperator(options: ScanOptions): OperatorSpec {
  const { label, site, name, schema, key, output } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema, key: { columns: key, missing: 'insert' } }],
    outputs: [output],
    state: { folded: { kind: 'keyedValues' } },
    create: ({ folded }, context) => new Scan(options, folded, context),
  })
}

class Scan implements Operator {
  readonly #initial: () => unknown
  readonly #fn: (folded: unknown, row: unknown) => unknown
  readonly #folded: KeyedValues
  readonly #context: OperatorContext
  readonly #read: RowReader
  readonly #output: RowOutput

  constructor(options: ScanOptions, folded: KeyedValues, context: OperatorContext) {
    this.#initial = options.initial
    this.#fn = options.fn as (folded: unknown, row: unknown) => unknown
    this.#folded = folded
    this.#context = context
    this.#read = rowReader(options.row.schema, options.row.columns)
    this.#output = new RowOutput(options.output, context, 0, options.batchRows)
  }

  process(batch: Batch): void {
    requireAppends(batch, 'scan')
    const { ids } = this.#context
    const { selection, length, times } = batch
    try {
      for (let i = 0; i < length; i++) {
        const row = selection === null ? i : selection[i]
        const before = this.#folded.get(ids[i])
        const value = this.#fn(before === undefined ? this.#initial() : before, this.#read(batch, row))
        this.#folded.set(ids[i], foldedValue('scan', value))
        this.#output.add(value, times === null ? undefined : times[row])
      }
    } catch (error) {
      throw userFailure(error)
    }
    this.#output.flush()
  }
}
