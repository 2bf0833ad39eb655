/** What has expired leaves memory, keys and snapshots; a restored operator gives out the ids that the original does. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { operatorSpec } from '../operator.ts'
import { CallClock } from './call-clock.ts'
import type { KeyedValues } from './keyed-values.ts'
import { OperatorState } from './operator-state.ts'
import type { ListCells, MapCells, ValueCells } from './user-declarations.ts'

const ttl: StateTtl = { afterMs: 10, refresh: 'write' }
const schema = Schema.record([field('k', 'int32')])
const spec = operatorSpec({
  label: 'test',
  inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
  outputs: [],
  state: {
    value: { kind: 'values', ttl },
    typed: { kind: 'values', ttl: { afterMs: 15, refresh: 'create' }, schema: Schema.bare('int32') },
    list: { kind: 'lists', ttl: { afterMs: 5, refresh: 'read' } },
    map: { kind: 'maps', ttl },
    kept: { kind: 'keyedValues' },
  },
  create: () => ({ process() {} }),
})

interface Handles {
  readonly value: ValueCells
  readonly typed: ValueCells
  readonly list: ListCells
  readonly map: MapCells
  readonly kept: KeyedValues
}
const handlesOf = (state: OperatorState) => state.handles as unknown as Handles

class Run {
  now = 1000
  readonly clock = new CallClock(() => this.now)
  state = new OperatorState(spec, undefined, this.clock)

  /** A batch of these keys, with each of which `act` does something. */
  batch(keys: readonly number[], act: (handles: Handles, id: number) => void): number[] {
    this.clock.begin()
    const batch = new Batch(schema, [new Int32Column(Int32Array.from(keys))], keys.length)
    const ids = this.state.resolve(batch, spec.inputs[0]!, new Int32Array(8))
    for (let i = 0; i < keys.length; i++) act(handlesOf(this.state), ids[i]!)
    this.state.settleBatch(ids, keys.length)
    return [...ids.subarray(0, keys.length)]
  }

  /** As in another process: a clock of its own, that may be behind. */
  restart(behindMs: number): Run {
    const next = new Run()
    next.now = this.now - behindMs
    const snapshot = copySnapshot(this.state.snapshot())
    next.state.restore(snapshot)
    next.now = this.now
    expect(copySnapshot(next.state.snapshot())).toEqual(snapshot)
    return next
  }
}

const steps = fc.array(
  fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 6 }),
    act: fc.constantFrom('value', 'typed', 'list', 'map', 'read', 'keep', 'let go', 'clear', 'nothing'),
    pass: fc.constantFrom(0, 1, 3, 8, 30),
    restart: fc.boolean(),
  }),
  { maxLength: 60, size: 'max' },
)

test('whether and where it was restored shows neither in ids nor in what it finds', () => {
  fc.assert(
    fc.property(steps, script => {
      let restarted = new Run()
      const straight = new Run()
      for (const { keys, act, pass, restart } of script) {
        straight.now += pass
        restarted.now = straight.now
        const run = (to: Run): unknown => {
          const seen: unknown[] = []
          const ids = to.batch(keys, ({ value, typed, list, map, kept }, id) => {
            if (act === 'value') value.set(id, 1)
            if (act === 'typed') typed.set(id, id)
            if (act === 'list') list.add(id, 1)
            if (act === 'map') map.set(id, id & 3, 1)
            if (act === 'read') seen.push(value.get(id), typed.get(id), list.get(id), [...map.entries(id)])
            if (act === 'keep') kept.set(id, 1)
            if (act === 'let go') kept.set(id, undefined)
            if (act === 'clear') value.set(id, undefined)
            if (act === 'clear') map.clear(id)
          })
          return [ids, seen, to.state.index!.size]
        }
        expect(run(restarted)).toEqual(run(straight))
        if (restart) restarted = restarted.restart(5)
      }
    }),
    { numRuns: 80 },
  )
})

test('keys whose states have expired are freed while batches come', () => {
  const run = new Run()
  const many = Array.from({ length: 1000 }, (_, k) => k)
  run.batch(many, ({ value, map }, id) => {
    value.set(id, 'x')
    map.set(id, 1, 'x')
  })
  expect(run.state.index!.size).toBe(1000)
  run.now += 10
  for (let i = 0; i < 1000 / 16; i++) run.batch([1000], ({ kept }, id) => kept.set(id, 1))
  expect(run.state.index!.size).toBe(1)
})

test('what has expired is in no snapshot, though no batch has come since', () => {
  const run = new Run()
  run.batch([1, 2], ({ value, typed, list, map }, id) => {
    value.set(id, 'x')
    typed.set(id, 1)
    list.add(id, 'x')
    map.set(id, 1, 'x')
  })
  const rows = () => ['value', 'typed', 'list', 'map'].map(name => run.state.snapshot().get(name)!.length)
  expect(rows()).toEqual([2, 2, 2, 2])
  run.now += 10
  expect(rows()).toEqual([0, 2, 0, 0])
  run.now += 5
  expect(rows()).toEqual([0, 0, 0, 0])
})

test('nothing comes back to life on a machine whose clock is behind', () => {
  const run = new Run()
  run.batch([1], ({ value, list }, id) => {
    value.set(id, 'x')
    list.add(id, 'x')
  })
  run.now += 7
  const behind = new Run()
  behind.now = 0
  behind.state.restore(copySnapshot(run.state.snapshot()))
  const seen: unknown[] = []
  behind.batch([1], ({ value, list }, id) => seen.push(value.get(id), list.get(id)))
  expect(seen).toEqual(['x', undefined])
  behind.now = run.now + 3
  behind.batch([1], ({ value }, id) => seen.push(value.get(id)))
  expect(seen).toEqual(['x', undefined, undefined])
})

test('what an id that is free has left is let go of', () => {
  const run = new Run()
  const [id] = run.batch([1], ({ list, kept }, at) => {
    list.add(at, 'x')
    kept.set(at, 'x')
  })
  run.now += 5
  run.batch([1], ({ kept }, at) => kept.set(at, undefined))
  expect(run.state.index!.isLive(id!)).toBe(false)
  let calls = 0
  const { list } = handlesOf(run.state)
  const expire = list.expire!.bind(list)
  list.expire = at => {
    if (at === id) calls++
    expire(at)
  }
  run.batch([], () => {})
  expect(calls).toBe(1)
})
