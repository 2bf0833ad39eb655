import { field, Schema } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { scripts } from '@millrace/testing/contracts/operator-events'
import { windowAggregateTwin } from '@millrace/testing/reference/window-aggregate'
import fc from 'fast-check'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { windowAggregateOperator } from './window-aggregate.ts'

const schema = Schema.record([field('k', 'text', true), field('x', 'double', true)])
const calls = [
  { aggregate: 'count', column: -1 },
  { aggregate: 'sum', column: 1 },
  { aggregate: 'max', column: 1 },
  { aggregate: 'min', column: 0 },
] as const
const output = Schema.record([
  field('k', 'text', true),
  field('windowStart', 'timestamp'),
  field('windowEnd', 'timestamp'),
  field('count', 'double'),
  field('sum', 'double', true),
  field('max', 'double', true),
  field('min', 'text', true),
])

/** Tumbling, sliding with and without a common divisor, with gaps between windows, with an offset. */
const windows = fc.constantFrom(
  { sizeMs: 5, slideMs: 5, offsetMs: 0 },
  { sizeMs: 6, slideMs: 2, offsetMs: 0 },
  { sizeMs: 7, slideMs: 3, offsetMs: 1 },
  { sizeMs: 12, slideMs: 1, offsetMs: -2 },
  { sizeMs: 2, slideMs: 5, offsetMs: 3 },
)
const values = [fc.option(fc.constantFrom('a', 'b', 'c')), fc.option(fc.integer({ min: -9, max: 9 }))]

const cases = fc.tuple(windows, fc.boolean()).chain(([window, generate]) =>
  scripts([{ schema, values, times: true }], { maxLength: 80, disorder: 12 }).map(events => ({
    events,
    spec: () =>
      windowAggregateOperator({
        label: 'window',
        schema,
        key: [0],
        window: { ...window, kind: 'sliding' },
        aggregates: calls.map(({ aggregate, column }) => ({
          accumulator: accumulatorFor(aggregate, column < 0 ? null : schema.fields[column]!),
          column,
        })),
        output,
        generate,
      }),
    twin: (soFar: typeof events) => windowAggregateTwin(soFar, [0], calls, window),
  })),
)

operatorContract('windowed aggregate', { cases, compare: 'bag', digits: 9, runs: 30 })
