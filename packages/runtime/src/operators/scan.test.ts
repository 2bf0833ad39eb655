import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { scanTwin } from '@millrace/testing/reference/scan'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ScanOptions, scanOperator } from './scan.ts'

const schema = Schema.record([field('amount', 'int32'), field('user', 'text', true), field('note', 'any', true)])
const user = fc.constantFrom('a', 'b', 'c', null)
const amount = fc.integer({ min: -9, max: 9 })

interface Row {
  readonly amount: number
  readonly note: unknown
}
interface Sum {
  readonly total: number
  readonly notes: readonly unknown[]
}

const options: ScanOptions = {
  label: 'scan',
  schema,
  key: [1],
  row: { schema: Schema.record([field('amount', 'int32'), field('note', 'any', true)]), columns: [0, 2] },
  output: Schema.opaque,
  initial: (): Sum => ({ total: 0, notes: [] }),
  fn: (sum: Sum, row: Row): Sum => ({ total: sum.total + row.amount, notes: [row.note, ...sum.notes].slice(0, 2) }),
  batchRows: 3,
}
const declared = Schema.record([field('total', 'double')])

const cases = fc.tuple(fc.boolean(), fc.boolean()).chain(([times, columnar]) =>
  scripts([{ schema, values: [amount, user], times }]).map(events => ({
    spec: () => scanOperator({ ...options, output: columnar ? declared : options.output }),
    events,
    twin: () =>
      scanTwin(
        rowsOfInput(events, 0).map(({ values: [amount, user, note], time }) => ({
          key: JSON.stringify(user),
          row: { amount, note },
          time,
        })),
        options.initial,
        options.fn as (sum: unknown, row: unknown) => unknown,
      ).map(({ value, time }) => ({
        port: 0,
        row: { values: [columnar ? (value as Sum).total : value], weight: 1, time },
      })),
  })),
)

operatorContract('scan', { cases, compare: 'sequence', onDisk: true })

function failure(changed: Partial<ScanOptions>, weight = 1): MillraceError {
  const row = { values: [1, 'a', null], weight, time: undefined }
  try {
    runOperator(
      () => scanOperator({ ...options, site: { file: 'job.ts', line: 3, column: 7 }, ...changed }),
      [
        { kind: 'row', input: 0, split: 0, row },
        { kind: 'end', input: 0 },
      ],
      { seed: 1, batchRows: 1, stopsOneIn: 0, throttled: false },
    )
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('it did not fail')
}

test('errors say what failed and where', () => {
  const cause = new RangeError('no such user')
  const thrown = failure({
    fn: () => {
      throw cause
    },
  })
  expect(thrown).toMatchObject({ code: 'USER_FUNCTION', message: 'no such user', cause })
  expect(thrown.details).toMatchObject({ operator: 'scan', site: { file: 'job.ts', line: 3 } })
  expect(failure({ fn: () => undefined })).toMatchObject({
    code: 'USER_FUNCTION',
    message: 'missing result: the function of scan returned undefined',
  })
  expect(failure({ output: Schema.record([field('total', 'text')]) })).toMatchObject({
    code: 'INVALID_VALUE',
    message: 'invalid text in column "total": 1',
  })
  expect(failure({}, -1)).toMatchObject({
    code: 'WRONG_KIND',
    message: 'invalid input of scan: a row with weight -1',
  })
})
