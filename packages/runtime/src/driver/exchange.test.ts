/** Where exchanges send rows, against the key groups of docs/formats/keys.md computed one row at a time. */
import { type Batch, field, hashValue, KEY_GROUPS, Schema } from '@millrace/algebra'
import { batches } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BroadcastExchange, HashExchange, type Outlet, RebalanceExchange } from './exchange.ts'
import { isBatch, type StreamEvent } from './stream-event.ts'

class Target implements Outlet {
  readonly rows: unknown[] = []
  readonly events: StreamEvent[] = []
  full = false
  push(event: StreamEvent): void {
    if (!isBatch(event)) this.events.push(event)
    else for (let i = 0; i < event.length; i++) this.rows.push(rowOf(event, i))
  }
}

const schema = Schema.record([field('k', 'int32', true), field('name', 'text', true), field('x', 'double')])

const rowOf = (batch: Batch, i: number): unknown => [batch.row(i), batch.weight(i), batch.time(i)]
const targetsOf = (count: number): Target[] => Array.from({ length: count }, () => new Target())

describe('by key group', () => {
  test('each row goes to the worker that has its group, in order, whole', () => {
    const sample = fc.tuple(batches(schema), fc.integer({ min: 1, max: 7 }))
    fc.assert(
      fc.property(sample, ([{ batch }, workers]) => {
        const targets = targetsOf(workers)
        new HashExchange([0], targets).push(batch, 0)
        const expected = targets.map((): unknown[] => [])
        for (let i = 0; i < batch.length; i++) {
          const group = hashValue(batch.get(0, i)) >>> 25
          expected[Math.floor((group * workers) / KEY_GROUPS)]!.push(rowOf(batch, i))
        }
        expect(targets.map(target => target.rows)).toEqual(expected)
      }),
    )
  })

  test('rows of one key of several columns go to one worker, whichever columns hold it', () => {
    fc.assert(
      fc.property(batches(schema), ({ batch }) => {
        const targets = targetsOf(5)
        const exchange = new HashExchange([0, 1], targets)
        exchange.push(batch, 0)
        exchange.push(batch, 0)
        const homes = new Map<string, number>()
        for (const [worker, { rows }] of targets.entries())
          for (const [{ k, name }] of rows as [{ k: unknown; name: unknown }][]) {
            const key = `${k} ${name}`
            expect(homes.get(key) ?? worker).toBe(worker)
            homes.set(key, worker)
          }
        expect(targets.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(2 * batch.length)
      }),
    )
  })

  test('every worker has keys, at any number of them', () => {
    for (const workers of [2, 3, 5, 100, KEY_GROUPS]) {
      const groups = new Set(Array.from({ length: KEY_GROUPS }, (_, g) => Math.floor((g * workers) / KEY_GROUPS)))
      expect(groups.size).toBe(workers)
    }
  })
})

test('what is no batch goes to all; full is whoever has one full target', () => {
  const targets = targetsOf(3)
  const exchange = new HashExchange([0], targets)
  exchange.push({ kind: 'watermark', time: 5 }, 0)
  expect(targets.map(({ events }) => events)).toEqual(Array(3).fill([{ kind: 'watermark', time: 5 }]))
  expect(exchange.full).toBe(false)
  targets[2]!.full = true
  expect(exchange.full).toBe(true)
  expect(exchange.inside).toBe(targets)
})

test('a broadcast gives every row to all', () => {
  fc.assert(
    fc.property(batches(schema), ({ batch }) => {
      const targets = targetsOf(3)
      new BroadcastExchange(targets).push(batch, 0)
      const all = Array.from({ length: batch.length }, (_, i) => rowOf(batch, i))
      expect(targets.map(({ rows }) => rows)).toEqual([all, all, all])
    }),
  )
})

test('a rebalance goes round by batches, from the own worker on', () => {
  const { batch } = fc.sample(
    batches(schema).filter(sample => sample.batch.length > 0),
    { seed: 1, numRuns: 1 },
  )[0]!
  const targets = targetsOf(3)
  const exchange = new RebalanceExchange(1, targets)
  for (let i = 0; i < 4; i++) exchange.push(batch, 0)
  expect(targets.map(({ rows }) => rows.length / batch.length)).toEqual([1, 2, 1])
})
