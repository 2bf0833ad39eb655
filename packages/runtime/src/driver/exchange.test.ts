/** Which rows go to which receiver: every row to one, those of a key to the same, in their order. */
import { Batch, field, GROUP_SHIFT, Int32Column, keyIndex, Schema } from '@millrace/algebra'
import { batches, rowsOf, type SampleRow, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { workerOfGroup } from '../lower/worker-of-group.ts'
import { BroadcastExchange, HashExchange, type Outlet, RebalanceExchange } from './exchange.ts'
import { isBatch, type StreamEvent } from './stream-event.ts'

/** Writes down what it is given; rows at once, since they are lent. */
class Listener implements Outlet {
  full = false
  readonly heard: (SampleRow | string)[] = []
  readonly batches: Batch[] = []

  push(event: StreamEvent, split: number): void {
    if (isBatch(event)) {
      this.batches.push(event)
      this.heard.push(...rowsOf(event))
    } else this.heard.push(`${event.kind} ${split}`)
  }
}

const listeners = (count: number): Listener[] => Array.from({ length: count }, () => new Listener())
const schema = Schema.record([field('n', 'int32')])

function numbers(...values: number[]): Batch {
  return new Batch(schema, [new Int32Column(Int32Array.from(values))], values.length)
}

describe('by key', () => {
  const keyable = schemas(['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp']).filter(
    s => s.fields.length > 0,
  )
  const cases = keyable.chain(of =>
    fc.record({
      of: fc.constant(of),
      columns: fc.uniqueArray(fc.nat({ max: of.fields.length - 1 }), { minLength: 1 }),
      samples: fc.array(batches(of, { maxRows: 40 }), { maxLength: 4 }),
      workers: fc.integer({ min: 1, max: 5 }),
    }),
  )

  test('each row goes to the worker that has its key in state, with its weight and time, in order', () => {
    const law = fc.property(cases, ({ of, columns, samples, workers }) => {
      const targets = listeners(workers)
      const exchange = new HashExchange(columns, targets)
      const index = keyIndex(columns.map(c => of.fields[c]!))
      const expected = listeners(workers)
      for (const { batch, rows } of samples) {
        const ids = new Int32Array(batch.length)
        index.resolve(
          columns.map(c => batch.columns[c]!),
          batch.selection,
          batch.length,
          ids,
        )
        rows.forEach((row, i) => {
          expected[workerOfGroup(index.hashOf(ids[i]!) >>> GROUP_SHIFT, workers)]!.heard.push(row)
        })
        exchange.push(batch, 0)
      }
      expect(targets.map(t => t.heard)).toEqual(expected.map(t => t.heard))
    })
    fc.assert(law, { numRuns: 100 })
  })

  test('batches of any size spread evenly, and empty parts go nowhere', () => {
    const targets = listeners(3)
    const exchange = new HashExchange([0], targets)
    exchange.push(numbers(...Array(5000).keys()), 0)
    exchange.push(numbers(7), 0)
    const counts = targets.map(t => t.heard.length)
    expect(counts.reduce((a, b) => a + b)).toBe(5001)
    for (const count of counts) expect(count).toBeGreaterThan(1300)
    expect(targets.map(t => t.batches.length).sort()).toEqual([1, 1, 2])
  })

  test('a batch that all goes one way is passed as it is', () => {
    const [only] = listeners(1)
    const batch = numbers(1, 2, 3)
    new HashExchange([0], [only!]).push(batch, 0)
    expect(only!.batches[0]).toBe(batch)
  })
})

test('workers have ranges of key groups, as even as can be', () => {
  for (const workers of [1, 2, 3, 7, 128]) {
    const owners = Array.from({ length: 128 }, (_, group) => workerOfGroup(group, workers))
    expect(owners).toEqual([...owners].sort((a, b) => a - b))
    const sizes = Array.from({ length: workers }, (_, w) => owners.filter(owner => owner === w).length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
  }
})

test('a broadcast gives every row to all', () => {
  const targets = listeners(3)
  new BroadcastExchange(targets).push(numbers(1, 2), 0)
  for (const { heard } of targets) expect(heard.map(row => (row as SampleRow).values[0])).toEqual([1, 2])
})

test('a rebalance goes round, from where it is told to begin', () => {
  const targets = listeners(3)
  const exchange = new RebalanceExchange(1, targets)
  for (let n = 0; n < 7; n++) exchange.push(numbers(n), 0)
  const given = targets.map(t => t.heard.map(row => (row as SampleRow).values[0]))
  expect(given).toEqual([
    [2, 5],
    [0, 3, 6],
    [1, 4],
  ])
})

const kinds: [string, (targets: readonly Outlet[]) => Outlet][] = [
  ['hash', targets => new HashExchange([0], targets)],
  ['broadcast', targets => new BroadcastExchange(targets)],
  ['rebalance', targets => new RebalanceExchange(0, targets)],
]

test.each(kinds)('a %s exchange tells everybody what is no row, and is full when one of them is', (_, make) => {
  const targets = listeners(3)
  const exchange = make(targets)
  exchange.push({ kind: 'watermark', time: 5 }, 4)
  exchange.push({ kind: 'end' }, 0)
  for (const { heard } of targets) expect(heard).toEqual(['watermark 4', 'end 0'])
  expect(exchange.full).toBe(false)
  for (const target of targets) {
    target.full = true
    expect(exchange.full).toBe(true)
    target.full = false
  }
  expect(exchange.inside).toEqual(targets)
})
