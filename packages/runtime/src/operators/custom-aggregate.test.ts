/** A user's own aggregate, whose accumulator is an object that it changes in place, as it may. */
import { field, Schema } from '@millrace/algebra'
import type { OperatorEvent } from '@millrace/testing/contracts/operator-events'
import { runOperator } from '@millrace/testing/contracts/operator-run'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { aggregateOperator } from './aggregate.ts'
import { windowAggregateOperator } from './window-aggregate.ts'

const schema = Schema.record([field('k', 'int32'), field('n', 'any', true)])

interface Sums {
  values: number[]
}

/** The values in order; every function works on what it is given, and the result is the accumulator itself. */
const inPlace = {
  create: (): Sums => ({ values: [] }),
  add: (sums: Sums, n: number): Sums => {
    sums.values.push(n)
    return sums
  },
  merge: (a: Sums, b: Sums): Sums => {
    a.values.push(...b.values)
    return a
  },
  result: (sums: Sums): Sums => sums,
}

/** The same, with what is given out a copy. */
const copying = { ...inPlace, result: ({ values }: Sums): string => [...values].sort((a, b) => a - b).join() }

const run = { seed: 1, batchRows: 2, stopsOneIn: 0, throttled: false }
const end: OperatorEvent = { kind: 'end', input: 0 }
const row = (k: number, n: number, time?: number): OperatorEvent => ({
  kind: 'row',
  input: 0,
  split: 0,
  row: { values: [k, n], weight: 1, time },
})

describe.each([true, false])('with generated code: %s', generate => {
  const windowed = (sizeMs: number, slideMs: number) => () =>
    windowAggregateOperator({
      label: 'window',
      schema,
      key: [0],
      window: { kind: 'sliding', sizeMs, slideMs, offsetMs: 0 },
      aggregates: [{ accumulator: accumulatorFor(copying, null), column: 1 }],
      output: Schema.record([
        field('k', 'int32'),
        field('windowStart', 'timestamp'),
        field('windowEnd', 'timestamp'),
        field('values', 'any'),
      ]),
      generate,
    })

  test('merging slices changes none that another window needs', () => {
    const times = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 30 })
    const shapes = fc.constantFrom([6, 2] as const, [7, 3] as const, [12, 1] as const, [4, 4] as const)
    const law = fc.property(times, shapes, fc.boolean(), (given, [size, slide], closes) => {
      const sorted = [...given].sort((a, b) => a - b)
      const events = sorted.flatMap((time): OperatorEvent[] => [
        row(time % 2, time, time),
        ...(closes ? [{ kind: 'watermark', input: 0, time: time - 1 } as const] : []),
      ])
      const results = runOperator(windowed(size, slide), [...events, end], run)
      const actual = results.flatMap(o => (o.kind === 'row' ? [o.row.values.join(' ')] : []))
      const expected: string[] = []
      for (let start = -12 * slide; start <= 41; start += slide)
        for (const k of [0, 1]) {
          const inside = sorted.filter(t => t >= start && t < start + size && t % 2 === k)
          if (inside.length > 0) expected.push([k, start, start + size, inside.join()].join(' '))
        }
      expect(actual.sort()).toEqual(expected.sort())
    })
    fc.assert(law, { numRuns: 100 })
  })

  const overall = (aggregate: typeof inPlace | typeof copying, bounded: boolean) => () =>
    aggregateOperator({
      label: 'aggregate',
      schema,
      key: [0],
      aggregates: [{ accumulator: accumulatorFor(aggregate, null), column: 1 }],
      output: Schema.record([field('k', 'int32'), field('values', 'any')]),
      bounded,
      generate,
    })

  test('an updating result that is the accumulator itself, changed, is a change', () => {
    const epoch: OperatorEvent = { kind: 'epoch' }
    const events = [row(1, 5), epoch, epoch, row(1, 6), row(2, 7), epoch, end]
    const results = runOperator(overall(inPlace, false), events, run)
    const shown = results.flatMap(o => {
      if (o.kind === 'epoch') return ['epoch']
      return o.kind === 'row' ? [`${o.row.weight} of ${o.row.values[0]}`] : []
    })
    expect(shown.slice(0, 7)).toEqual(['1 of 1', 'epoch', 'epoch', '-1 of 1', '1 of 1', '1 of 2', 'epoch'])
  })

  test('a result that is the same is none', () => {
    const epoch: OperatorEvent = { kind: 'epoch' }
    const constant = { ...copying, result: () => 'same' }
    const results = runOperator(overall(constant, false), [row(1, 5), epoch, row(1, 6), epoch, end], run)
    expect(results.filter(o => o.kind === 'row').length).toBe(1)
  })

  test('a bounded one is given once, of every row', () => {
    const results = runOperator(overall(copying, true), [row(1, 5), row(2, 8), row(1, 3), row(1, 4), end], run)
    const rows = results.flatMap(o => (o.kind === 'row' ? [o.row.values] : []))
    expect(rows).toEqual([
      [1, '3,4,5'],
      [2, '8'],
    ])
  })
})
