import { field, Schema } from '@millrace/algebra'
import type { SampleRow } from '@millrace/testing/batches'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import { naiveAggregate, naiveGroups } from '@millrace/testing/reference/aggregate'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { retractableAccumulator } from '../aggregate/retractable.ts'
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

/** With rows taken back that were there, in place of those whose weight is below 0; others come once. */
function takenBack(events: readonly OperatorEvent[]): OperatorEvent[] {
  const live: SampleRow[] = []
  return events.map((event, i) => {
    if (event.kind !== 'row') return event
    if (event.row.weight < 0 && live.length > 0) {
      const [row] = live.splice(i % live.length, 1)
      return { ...event, row: { ...row!, weight: -1 } }
    }
    const row = { ...event.row, weight: 1 }
    live.push(row)
    return { ...event, row }
  })
}

/** The rows that are left. */
function left(events: readonly OperatorEvent[]): (readonly unknown[])[] {
  const rows: (readonly unknown[])[] = []
  for (const { values, weight } of rowsOfInput(events, 0)) {
    if (weight > 0) rows.push(values)
    else rows.splice(rows.indexOf(values), 1)
  }
  return rows
}

/** Random sets of aggregates and keys, over rows with nulls, NaN and -0, and infinities where rows may be taken back. */
const cases = (bounded: boolean, updating = false) =>
  fc
    .record({
      key: fc.constantFrom([], [0], [1], [0, 1], [3]),
      chosen: fc.subarray([...calls], { minLength: 1 }),
      generate: fc.boolean(),
    })
    .chain(({ key, chosen, generate }) =>
      scripts([{ schema, values, weights: updating }], { epochs: !bounded }).map(events => ({
        events: updating ? takenBack(events) : events,
        spec: () => {
          const accumulator = updating ? retractableAccumulator : accumulatorFor
          const aggregates = chosen.map(({ aggregate, column }) => ({
            accumulator: accumulator(aggregate, column < 0 ? null : schema.fields[column]!),
            column,
          }))
          const shown = aggregates.length
          if (updating) aggregates.push({ accumulator: retractableAccumulator('count', null), column: -1 })
          const output = Schema.record([
            ...key.map(k => schema.fields[k]!),
            ...aggregates.slice(0, shown).map((a, i) => field(`a${i}`, resultType(chosen[i]!), a.column >= 0)),
          ])
          return aggregateOperator({ label: 'aggregate', schema, key, aggregates, output, bounded, updating, generate })
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
  const rows = left(events)
  const none = rowsOfInput(events, 0).length === 0
  return key.length === 0 && rows.length === 0 ? (ended || !none ? [[]] : []) : naiveGroups(rows, key)
}

function resultType({ aggregate, column }: (typeof calls)[number]) {
  if (aggregate === 'count' || aggregate === 'avg') return 'double'
  const { kind } = schema.fields[column]!.type
  return aggregate === 'sum' && kind !== 'bigint' ? 'double' : kind
}

operatorContract('aggregate of a bounded input', { cases: cases(true), compare: 'bag', digits: 9, runs: 30 })
operatorContract('running aggregate', { cases: cases(false), compare: 'sum', digits: 9, runs: 30 })
test('a row that is taken back without having come is an error', () => {
  const accumulator = retractableAccumulator('count', null)
  const aggregates = [accumulator, accumulator].map(a => ({ accumulator: a, column: -1 }))
  const output = Schema.record([schema.fields[0]!, field('n', 'double')])
  const spec = () =>
    aggregateOperator({ label: 'n', schema, key: [0], aggregates, output, bounded: false, updating: true })
  const row = { values: [1, 'a', 1, 1, 1n], weight: -1, time: undefined }
  const events: OperatorEvent[] = [
    { kind: 'row', input: 0, split: 0, row },
    { kind: 'epoch' },
    { kind: 'end', input: 0 },
  ]
  expect(() => runOperator(spec, events, { seed: 1, batchRows: 4, stopsOneIn: 0, throttled: false })).toThrow(
    'invalid changes: a group of -1 rows',
  )
})

operatorContract('aggregate of rows that come and go', {
  cases: cases(false, true),
  compare: 'sum',
  digits: 9,
  runs: 60,
})
