import { field, Schema } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { naiveAggregate, naiveGroups } from '@millrace/testing/reference/aggregate'
import fc from 'fast-check'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { aggregateOperator } from './aggregate.ts'

const schema = Schema.record([
  field('k', 'int32', true),
  field('name', 'text'),
  field('n', 'int32', true),
  field('x', 'double'),
  field('b', 'bigint', true),
])
const calls = [
  { aggregate: 'count', column: -1 },
  { aggregate: 'sum', column: 2 },
  { aggregate: 'sum', column: 3 },
  { aggregate: 'avg', column: 2 },
  { aggregate: 'min', column: 2 },
  { aggregate: 'max', column: 3 },
  { aggregate: 'min', column: 3 },
  { aggregate: 'max', column: 1 },
  { aggregate: 'min', column: 1 },
  { aggregate: 'sum', column: 4 },
  { aggregate: 'max', column: 4 },
] as const
const small = fc.integer({ min: -3, max: 3 })
const values = [
  fc.option(small),
  fc.constantFrom('a', 'b', '\u{1f600}', '\uffff', ''),
  fc.option(small),
  fc.oneof(small, fc.constantFrom(Number.NaN, -0, 0.5)),
  fc.option(fc.bigInt({ min: -5n, max: 5n })),
]

/** Random sets of aggregates and keys, over rows with nulls, NaN and -0. */
const cases = (bounded: boolean) =>
  fc
    .record({
      key: fc.constantFrom([], [0], [1], [0, 1], [3]),
      chosen: fc.subarray([...calls], { minLength: 1 }),
      generate: fc.boolean(),
    })
    .chain(({ key, chosen, generate }) =>
      scripts([{ schema, values }], { epochs: !bounded }).map(events => ({
        events,
        spec: () => {
          const aggregates = chosen.map(({ aggregate, column }) => ({
            accumulator: accumulatorFor(aggregate, column < 0 ? null : schema.fields[column]!),
            column,
          }))
          const output = Schema.record([
            ...key.map(k => schema.fields[k]!),
            ...aggregates.map((a, i) => field(`a${i}`, resultType(chosen[i]!), a.column >= 0)),
          ])
          return aggregateOperator({ label: 'aggregate', schema, key, aggregates, output, bounded, generate })
        },
        twin: (soFar: typeof events) =>
          groupsOf(soFar, key, bounded || soFar.some(e => e.kind === 'end')).map(rows => ({
            port: 0,
            row: {
              values: [...key.map(k => rows[0]?.[k]), ...chosen.map(c => naiveAggregate(c, rows))],
              weight: 1,
              time: undefined,
            },
          })),
      })),
    )

/** All rows are one group without a key, even if there are none in the end. */
function groupsOf(events: readonly OperatorEvent[], key: readonly number[], ended: boolean) {
  const rows = rowsOfInput(events, 0).map(r => r.values)
  return key.length === 0 && rows.length === 0 ? (ended ? [[]] : []) : naiveGroups(rows, key)
}

function resultType({ aggregate, column }: (typeof calls)[number]) {
  if (aggregate === 'count' || aggregate === 'avg') return 'double'
  const { kind } = schema.fields[column]!.type
  return aggregate === 'sum' && kind !== 'bigint' ? 'double' : kind
}

operatorContract('aggregate of a bounded input', { cases: cases(true), compare: 'bag', digits: 9, runs: 30 })
operatorContract('running aggregate', { cases: cases(false), compare: 'sum', digits: 9, runs: 30 })
