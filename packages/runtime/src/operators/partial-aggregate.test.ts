/** Both phases: what the first sends, what the second makes of it, and that together they are one. */
import { field, Schema } from '@millrace/algebra'
import { operatorContract } from '@millrace/testing/contracts/operator'
import { type OperatorEvent, rowsOfInput, scripts } from '@millrace/testing/contracts/operator-events'
import { type OperatorOutput, runOperator } from '@millrace/testing/contracts/operator-run'
import { type NaiveCall, naiveAggregate, naiveGroups } from '@millrace/testing/reference/aggregate'
import { naiveAccumulator, naiveMerged } from '@millrace/testing/reference/partial-aggregate'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import type { OperatorSpec } from '../operator.ts'
import { aggregateOperator } from './aggregate.ts'
import { type PartialAggregateOptions, partialAggregateOperator, partialSchema } from './partial-aggregate.ts'

const schema = Schema.record([
  field('k', 'int32', true),
  field('name', 'text', true),
  field('n', 'int32', true),
  field('x', 'double'),
])
const calls: readonly NaiveCall[] = [
  { aggregate: 'count', column: -1 },
  { aggregate: 'sum', column: 2 },
  { aggregate: 'avg', column: 3 },
  { aggregate: 'min', column: 2 },
  { aggregate: 'min', column: 3 },
  { aggregate: 'max', column: 2 },
  { aggregate: 'max', column: 3 },
]
const small = fc.integer({ min: -3, max: 3 })
const values = [
  fc.option(small),
  fc.constantFrom('a', 'b', '\u{1f600}', '', null),
  fc.option(small),
  fc.oneof(small, fc.constantFrom(Number.NaN, -0, 0.5)),
]
const keys = fc.constantFrom([], [0], [1], [0, 1], [3])
const some = fc.record({
  key: keys,
  chosen: fc.subarray([...calls], { minLength: 1 }),
  generate: fc.boolean(),
  bounded: fc.boolean(),
})

type Chosen = Pick<PartialAggregateOptions, 'key' | 'generate' | 'bounded'> & { readonly chosen: readonly NaiveCall[] }

function optionsOf({ chosen, ...rest }: Chosen): PartialAggregateOptions {
  const aggregates = chosen.map(({ aggregate, column }) => ({
    accumulator: accumulatorFor(aggregate, column < 0 ? null : schema.fields[column]!),
    column,
  }))
  return { label: 'partial', schema, aggregates, ...rest }
}

/** The second phase of it. */
function mergeOf(chosen: Chosen): { readonly spec: () => OperatorSpec; readonly calls: readonly NaiveCall[] } {
  const { key, aggregates, bounded, generate } = optionsOf(chosen)
  const schema = partialSchema(optionsOf(chosen))
  const merged = aggregates.map(({ accumulator }, i) => {
    const before = aggregates.slice(0, i).reduce((sum, a) => sum + a.accumulator.fields.length, 0)
    return { accumulator, column: key.length + before }
  })
  const results = chosen.chosen.map(({ aggregate, column }, i) =>
    field(`a${i}`, resultType({ aggregate, column }), aggregate !== 'count'),
  )
  const output = Schema.record([...schema.fields.slice(0, key.length), ...results])
  const options = { label: 'aggregate', schema, key: key.map((_, i) => i), aggregates: merged, output, bounded }
  return {
    spec: () => aggregateOperator({ ...options, partial: true, ...(generate === undefined ? {} : { generate }) }),
    calls: merged.map(({ column }, i) => ({ aggregate: chosen.chosen[i]!.aggregate, column })),
  }
}

function resultType({ aggregate, column }: NaiveCall): 'double' | 'int32' {
  return (aggregate === 'min' || aggregate === 'max') && column === 2 ? 'int32' : 'double'
}

const rowOf = (rowValues: readonly unknown[]) => ({ values: rowValues, weight: 1, time: undefined })
const valuesIn = (events: readonly OperatorEvent[]) => rowsOfInput(events, 0).map(r => r.values)

/** What comes between the ends of epochs. */
function epochsOf(events: readonly OperatorEvent[]): OperatorEvent[][] {
  const epochs: OperatorEvent[][] = [[]]
  for (const event of events) {
    if (event.kind === 'epoch') epochs.push([])
    else epochs.at(-1)!.push(event)
  }
  return epochs
}

operatorContract('partial aggregate', {
  cases: some.chain(chosen =>
    scripts([{ schema, values }], { epochs: !chosen.bounded }).map(events => ({
      events,
      spec: () => partialAggregateOperator(optionsOf(chosen)),
      twin: soFar =>
        epochsOf(soFar)
          .flatMap(epoch => naiveGroups(valuesIn(epoch), chosen.key))
          .map(rows => ({
            port: 0,
            row: rowOf([
              ...chosen.key.map(k => rows[0]?.[k]),
              ...chosen.chosen.flatMap(c => naiveAccumulator(c, rows)),
            ]),
          })),
    })),
  ),
  compare: 'bag',
  digits: 9,
  runs: 30,
})

const accumulators: Record<NaiveCall['aggregate'], fc.Arbitrary<unknown>[]> = {
  count: [fc.nat({ max: 5 })],
  sum: [small, fc.constantFrom(0, 0.25), fc.nat({ max: 2 })],
  avg: [small, fc.constantFrom(0, 0.25), fc.nat({ max: 2 })],
  min: [small, fc.nat({ max: 2 })],
  max: [small, fc.nat({ max: 2 })],
}

for (const bounded of [true, false]) {
  operatorContract(`${bounded ? 'final' : 'running'} aggregate of partial ones`, {
    cases: some.chain(drawn => {
      const chosen = { ...drawn, bounded }
      const { spec, calls } = mergeOf(chosen)
      const shape = spec().inputs[0]!.schema
      const fields = [...chosen.key.map(k => values[k]!), ...calls.flatMap(c => accumulators[c.aggregate])]
      const keyed = chosen.key.map((_, i) => i)
      return scripts([{ schema: shape, values: fields }], { epochs: !bounded }).map(events => ({
        events,
        spec,
        twin: (soFar: OperatorEvent[]) => {
          const rows = valuesIn(soFar)
          const empty = keyed.length === 0 && rows.length === 0
          const ended = bounded || soFar.some(e => e.kind === 'end')
          const groups = empty ? (ended ? [[]] : []) : naiveGroups(rows, keyed)
          return groups.map(group => ({
            port: 0,
            row: rowOf([...keyed.map(k => group[0]?.[k]), ...calls.map(c => naiveMerged(c, group))]),
          }))
        },
      }))
    }),
    compare: bounded ? 'bag' : 'sum',
    digits: 9,
    runs: 20,
  })
}

const row = (rowValues: readonly unknown[]): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: rowOf(rowValues),
})
const end: OperatorEvent = { kind: 'end', input: 0 }
const rowsIn = (outputs: readonly OperatorOutput[]) => outputs.flatMap(o => (o.kind === 'row' ? [o.row.values] : []))
const straight = { seed: 1, batchRows: 7, stopsOneIn: 0, throttled: false }

describe('a table that is full, and rows that go through', () => {
  test('merged, what comes out is what went in; stopped and throttled, the same comes out', () => {
    const limits = fc.record({
      mostKeys: fc.constantFrom(0, 1, 3),
      decideAfter: fc.constantFrom(1, 10, 1000),
      through: fc.constantFrom(1, 5),
    })
    const run = fc.record({ seed: fc.nat({ max: 1e6 }), batchRows: fc.constantFrom(1, 3, 100) })
    fc.assert(
      fc.property(some, limits, run, scripts([{ schema, values }], { epochs: true }), (drawn, limit, cut, events) => {
        const spec = () => partialAggregateOperator({ ...optionsOf(drawn), ...limit })
        const outputs = runOperator(spec, events, { ...cut, stopsOneIn: 0, throttled: false })
        expect(runOperator(spec, events, { ...cut, stopsOneIn: 2, throttled: true })).toEqual(outputs)
        const { calls } = mergeOf(drawn)
        const merged = naiveGroups(
          rowsIn(outputs),
          drawn.key.map((_, i) => i),
        ).map(rows => [...drawn.key.map((_, i) => rows[0]![i]), ...calls.map(c => naiveMerged(c, rows))])
        const whole = naiveGroups(valuesIn(events), drawn.key).map(rows => [
          ...drawn.key.map(k => rows[0]![k]),
          ...drawn.chosen.map(c => naiveAggregate(c, rows)),
        ])
        expect(shown(merged)).toEqual(shown(whole))
      }),
      { numRuns: 100 },
    )
  })

  const counted = (limit: Partial<PartialAggregateOptions>) => () =>
    partialAggregateOperator({ ...optionsOf({ key: [0], chosen: [calls[0]!], bounded: true }), ...limit })
  const keyed = (keys: readonly number[]) => [...keys.map(k => row([k, 'a', 0, 0])), end]

  test('the table is emptied when it has too many keys', () => {
    const once = [0, 1, 2, 3]
    const outputs = runOperator(counted({ mostKeys: 3 }), keyed([...once, ...once, ...once]), {
      ...straight,
      batchRows: 1,
    })
    const rows = rowsIn(outputs).map(([k, n]) => `${k}: ${n}`)
    expect(rows.length).toBe(12)
    for (const from of [0, 4, 8]) expect(rows.slice(from, from + 4).sort()).toEqual(once.map(k => `${k}: 1`))
  })

  test('keys stay from epoch to epoch, but not their rows; when there are too many, all go', () => {
    const epoch: OperatorEvent = { kind: 'epoch' }
    const running = () =>
      partialAggregateOperator({ ...optionsOf({ key: [0], chosen: [calls[0]!], bounded: false }), mostKeys: 3 })
    const keys = (...ks: number[]) => ks.map(k => row([k, 'a', 0, 0]))
    const events = [...keys(7, 5), epoch, ...keys(6, 5), epoch, epoch, ...keys(5, 5, 4, 5), epoch, ...keys(4, 7), end]
    const outputs = runOperator(running, events, { ...straight, batchRows: 1 })
    expect(rowsIn(outputs).map(([k, n]) => `${k}: ${n}`)).toEqual([
      ...['7: 1', '5: 1'],
      ...['5: 1', '6: 1'], // 5 had its place before
      ...['5: 2', '4: 1'], // one too many
      '5: 1',
      ...['4: 1', '7: 1'],
    ])
  })

  test('rows go through where that has not halved them, twice as many the next time', () => {
    const limit = { mostKeys: 3, decideAfter: 4, through: 3 }
    const distinct = [0, 1, 2, 3]
    const keys = [...distinct, 4, 4, 4, ...distinct, 4, 4, 4, 4, 4, 4, 5, 5]
    const rows = rowsIn(runOperator(counted(limit), keyed(keys), { ...straight, batchRows: 1 }))
    expect(rows.length).toBe(18)
    expect([...rows.slice(4, 7), ...rows.slice(11)]).toEqual([...Array(9).fill([4, 1]), [5, 2]])
  })

  test('half is halved, and so many rows are awaited before it is seen', () => {
    const after = (decideAfter: number, keys: readonly number[]) =>
      rowsIn(runOperator(counted({ mostKeys: 1, decideAfter }), keyed(keys), { ...straight, batchRows: 1 })).slice(2)
    expect(after(4, [0, 0, 0, 1, 2, 2])).toEqual([[2, 2]])
    expect(after(3, [0, 1, 2, 2])).toEqual([[2, 2]])
    expect(after(2, [0, 1, 2, 2])).toEqual([
      [2, 1],
      [2, 1],
    ])
  })

  test('they are put together while it does', () => {
    const keys = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 4, 4, 4]
    const rows = rowsIn(
      runOperator(counted({ mostKeys: 3, decideAfter: 4 }), keyed(keys), { ...straight, batchRows: 1 }),
    )
    expect(rows).toEqual([
      [0, 3],
      [1, 3],
      [2, 3],
      [3, 1],
      [4, 3],
    ])
  })
})

/** Rows as text, numbers by nine digits and -0 as 0, in some order. */
function shown(rows: readonly (readonly unknown[])[]): string[] {
  const text = (value: unknown): string => (typeof value === 'number' ? value.toPrecision(9) : JSON.stringify(value))
  return rows.map(values => values.map(text).join(' ')).sort()
}
