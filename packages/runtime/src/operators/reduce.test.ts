import { field, Schema } from '@millrace/algebra'
import type { SampleRow } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { reduceTwin } from '@millrace/testing/reference/reduce'
import fc from 'fast-check'
import { reduceOperator } from './reduce.ts'

const row = Schema.record([field('user', 'text', true), field('amount', 'int32')])
const schema = Schema.record([...row.fields, field('key', 'any', true)])
const user = fc.constantFrom('a', 'b', 'ä', null)
const key = fc.constantFrom(1, '1', null, 2n, true)

interface Row {
  readonly user: string | null
  readonly amount: number
}

/** Not commutative: the order of rows counts. */
const fn = (a: Row, b: Row): Row => ({ user: b.user, amount: (a.amount * 2 + b.amount) | 0 })

function twin(events: readonly OperatorEvent[]): { port: number; row: SampleRow }[] {
  const rows = rowsOfInput(events, 0).map(({ values: [user, amount, key] }) => ({
    key: `${typeof key} ${key}`,
    row: { user, amount } as Row,
  }))
  return reduceTwin(rows, fn).map(({ row }) => ({
    port: 0,
    row: { values: [row.user, row.amount], weight: 1, time: undefined },
  }))
}

function cases(bounded: boolean, epochs: boolean) {
  return scripts([{ schema, values: [user, fc.integer({ min: -9, max: 9 }), key], times: true }], { epochs }).map(
    events => ({
      spec: () =>
        reduceOperator({
          label: 'reduce',
          schema,
          key: [2],
          row: { schema: row, columns: [0, 1] },
          fn,
          bounded,
          batchRows: 2,
        }),
      events,
      twin,
    }),
  )
}

operatorContract('bounded reduce', { cases: cases(true, false), compare: 'sequence', onDisk: true })
operatorContract('running reduce', { cases: cases(false, true), compare: 'sum', onDisk: true })
