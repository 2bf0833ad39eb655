/**
 * The first n rows in the order in which they come; what comes after is read and dropped.
 *
 * State: how many have passed. Cost: one slice of at most one batch; copies nothing.
 */
import { type Schema, slice } from '@millrace/algebra'
import { type OperatorSpec, operatorSpec } from '../operator.ts'
import { requireAppends } from './append-only.ts'

export interface LimitOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  readonly rows: number
}

export function limitOperator({ label, site, name, schema, rows }: LimitOptions): OperatorSpec {
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema }],
    outputs: [schema],
    global: true,
    state: { passed: { kind: 'cell', initial: () => 0 } },
    create: ({ passed }, context) => ({
      process(batch) {
        requireAppends(batch, 'limit')
        const room = Math.min(batch.length, rows - passed.value)
        if (room <= 0) return
        passed.value += room
        context.emit(slice(batch, 0, room))
      },
    }),
  })
}
