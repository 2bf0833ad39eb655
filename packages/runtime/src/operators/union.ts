/**
 * Union: all rows of all inputs, weights with them, and times if all of them have some. Linear: each batch goes on as it comes. The order of rows
 * of one input is kept; between inputs it is the order in which they are read. Keeps nothing.
 */
import { Batch, Schema } from '@millrace/algebra'
import type { CallSite } from '@millrace/plan'
import { type OperatorSpec, operatorSpec } from '../operator.ts'

export interface UnionOptions {
  readonly schema: Schema
  /** Their types must be those of `schema`, column by column; names may differ. */
  readonly inputs: readonly Schema[]
  /** Whether every input has event times; where only some do, the union has none. */
  readonly timed: boolean
  readonly site?: CallSite | undefined
  readonly name?: string | undefined
}

export function unionOperator({ schema, inputs, timed, site, name }: UnionOptions): OperatorSpec {
  const same = inputs.every(input => Schema.equal(input, schema))
  return operatorSpec({
    label: 'union',
    inputs: inputs.map(input => ({ schema: input })),
    outputs: [schema],
    state: {},
    site,
    name,
    create: (_, context) => ({
      process(batch) {
        if (same && (timed || batch.times === null)) return context.emit(batch)
        const { columns, length, selection, weights, times } = batch
        context.emit(new Batch(schema, columns, length, selection, weights, timed ? times : null))
      },
    }),
  })
}
