/**
 * Rebalance: the same rows, as they come. That batches go round all workers is what its input asks of the exchange before
 * it; on one worker nothing happens. Keeps nothing; copies nothing.
 */
import type { Schema } from '@millrace/algebra'
import { type OperatorSpec, operatorSpec } from '../operator.ts'

export interface RebalanceOptions {
  readonly schema: Schema
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
}

export function rebalanceOperator({ schema, site, name }: RebalanceOptions): OperatorSpec {
  return operatorSpec({
    label: name ?? 'rebalance',
    site,
    name,
    inputs: [{ schema, exchange: 'rebalance' }],
    outputs: [schema],
    state: {},
    create: (_, context) => ({ process: batch => context.emit(batch) }),
  })
}
