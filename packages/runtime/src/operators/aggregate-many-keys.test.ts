/** Epochs that touch so many keys that their results come by key id: all of them, some, none; in any order. */
import { field, Schema } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput } from '@millrace/testing/contracts/operator-events'
import { naiveAggregate, naiveGroups } from '@millrace/testing/reference/aggregate'
import fc from 'fast-check'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { aggregateOperator } from './aggregate.ts'

const schema = Schema.record([field('k', 'int32'), field('n', 'int32')])
const output = Schema.record([field('k', 'int32'), field('most', 'int32')])

/** The keys of an epoch: so many steps over 200 keys, from somewhere on; a greatest value that mostly stays. */
const epochs = fc.array(
  fc.record({
    from: fc.nat(199),
    step: fc.constantFrom(1, 7, 199),
    keys: fc.constantFrom(0, 3, 100, 200),
    n: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 2, maxLength: 4 },
)
const events = epochs.map((some): OperatorEvent[] => {
  const row = (k: number, n: number): OperatorEvent => ({
    kind: 'row',
    input: 0,
    split: 0,
    row: { values: [k, n], weight: 1, time: undefined },
  })
  const scripted = some.flatMap(({ from, step, keys, n }): OperatorEvent[] => [
    ...Array.from({ length: keys }, (_, i) => row((from + i * step) % 200, (n + (i % 3)) % 3)),
    { kind: 'epoch' },
  ])
  return [...scripted, { kind: 'end', input: 0 }]
})

operatorContract('running aggregate of many keys', {
  cases: events.map(script => ({
    events: script,
    spec: () =>
      aggregateOperator({
        label: 'aggregate',
        schema,
        key: [0],
        aggregates: [{ accumulator: accumulatorFor('max', schema.fields[1]!), column: 1 }],
        output,
        bounded: false,
      }),
    twin: soFar =>
      naiveGroups(
        rowsOfInput(soFar, 0).map(({ values }) => values),
        [0],
      ).map(rows => ({
        port: 0,
        row: {
          values: [rows[0]?.[0], naiveAggregate({ aggregate: 'max', column: 1 }, rows)],
          weight: 1,
          time: undefined,
        },
      })),
  })),
  compare: 'sum',
  runs: 5,
})
