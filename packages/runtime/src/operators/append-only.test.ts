/** Operators that cannot take rows back say so, rather than count them as rows. */
import { field, Schema } from '@millrace/algebra'
import type { OperatorEvent } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { expect, test } from 'vitest'
import type { OperatorSpec } from '../operator.ts'
import { distinctOperator } from './distinct.ts'
import { limitOperator } from './limit.ts'
import { processOperator } from './process.ts'
import { reduceOperator } from './reduce.ts'
import { scanOperator } from './scan.ts'

const schema = Schema.record([field('k', 'int32')])
const keyed = { schema, key: [0], row: { schema, columns: [0] } }
const fn = (a: unknown): unknown => a

const operators: [string, () => OperatorSpec][] = [
  ['limit', () => limitOperator({ label: 'x', schema, rows: 9 })],
  ['distinct', () => distinctOperator({ label: 'x', schema, key: [0], columns: [0], output: schema })],
  ['reduce', () => reduceOperator({ label: 'x', ...keyed, fn, bounded: true })],
  ['scan', () => scanOperator({ label: 'x', ...keyed, output: schema, initial: () => ({ k: 0 }), fn })],
  [
    'process',
    () =>
      processOperator({ label: 'x', ...keyed, keyNames: ['k'], state: {}, output: schema, sides: {}, onElement: fn }),
  ],
]

const row = (weight: number): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: { values: [1], weight, time: undefined },
})
const run = { seed: 3, batchRows: 3, stopsOneIn: 0, throttled: false }

test.each(operators)('%s', (name, spec) => {
  const given = (...weights: number[]) => runOperator(spec, [...weights.map(row), { kind: 'end', input: 0 }], run)
  for (const weight of [-1, 2, 0])
    expect(() => given(1, 1, weight)).toThrow(`invalid input of ${name}: a row with weight ${weight}`)
  expect(given(1, 1, 1).at(-1)).toEqual({ kind: 'end' })
})
