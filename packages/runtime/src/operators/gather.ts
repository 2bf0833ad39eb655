/**
 * Gather: the same rows, by way of one subtask, so that whoever reads them behind a broadcast reads them in one order. Keeps
 * nothing; copies nothing.
 */
import type { Schema } from '@millrace/algebra'
import { type OperatorSpec, operatorSpec } from '../operator.ts'

export interface GatherOptions {
  readonly schema: Schema
  readonly site?: OperatorSpec['site']
}

export function gatherOperator({ schema, site }: GatherOptions): OperatorSpec {
  return operatorSpec({
    label: 'gather',
    site,
    role: 'gather',
    inputs: [{ schema }],
    outputs: [schema],
    global: true,
    transient: true,
    state: {},
    create: (_, context) => ({ process: batch => context.emit(batch) }),
  })
}
