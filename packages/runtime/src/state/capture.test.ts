/** States told while they change, against a snapshot at once; what becomes of a telling that is ended. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { CaptureChain } from '@millrace/testing/contracts/capture-chain'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import { stateStores } from '@millrace/testing/contracts/state-stores'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { operatorSpec } from '../operator.ts'
import type { ColumnsState } from './columns.ts'
import type { KeyedValues } from './keyed-values.ts'
import { OperatorState } from './operator-state.ts'
import type { SlicesState } from './slices.ts'
import type { TimersState } from './timers.ts'

const schema = Schema.record([field('key', 'int32')])
const fields = [field('n', 'int32'), field('x', 'double'), field('b', 'bigint'), field('f', 'boolean')]
const spec = operatorSpec({
  label: 'all of them',
  inputs: [{ schema, key: { columns: [0], missing: 'insert' } }],
  outputs: [],
  state: {
    columns: { kind: 'columns', fields },
    slices: { kind: 'slices', fields: [field('n', 'int32')] },
    values: { kind: 'keyedValues' },
    timers: { kind: 'timers' },
    cell: { kind: 'cell', initial: () => 0 },
  },
  create: () => ({ process() {} }),
})

/** What an operator might do: with the keys of a batch, with a slice, with the timers that are due. */
type Act =
  | { readonly keys: readonly number[]; readonly how: number }
  | { readonly drop: number }
  | { readonly due: number }

function perform(state: OperatorState, act: Act): void {
  const { columns, slices, values, timers } = state.handles as unknown as {
    columns: ColumnsState
    slices: SlicesState
    values: KeyedValues
    timers: TimersState
  }
  if ('drop' in act) slices.drop(act.drop)
  else if ('due' in act) {
    for (let due = timers.take(act.due); due !== undefined; due = timers.take(act.due))
      values.set(due.id, { due: due.timeMs })
  } else {
    const length = act.keys.length
    const batch = new Batch(schema, [new Int32Column(Int32Array.from(act.keys))], length)
    const ids = state.resolve(batch, spec.inputs[0], new Int32Array(length))
    for (const id of ids.subarray(0, length)) {
      if (act.how === 0) columns.clear(id)
      if (act.how === 1) values.set(id, undefined)
      if (act.how === 2) timers.set(id, act.keys[0])
      if (act.how === 3) addToSlice(slices, act.keys[0] & 3, id, state.index!.capacity)
      if (act.how === 4) {
        const value = values.get(id) as { list: number[] } | undefined
        value?.list?.push(id) // changed in place
        values.set(id, value ?? { list: [id] })
      }
      if (act.how >= 5) setColumns(columns, id, act.keys[0])
    }
    state.settleBatch(ids, length)
    return
  }
  state.settle()
}

function addToSlice(slices: SlicesState, start: number, id: number, capacity: number): void {
  const slice = slices.at(start, capacity)
  const before = slice.size
  if (slice.present[id] === 0) slice.touched[slice.size++] = id
  slice.present[id] = 1
  slice.arrays[0][id] = id as never
  slices.touched(slice, before)
}

function setColumns(columns: ColumnsState, id: number, n: number): void {
  columns.ensure(id + 1)
  columns.present[id] = 1
  ;[n, n / 3, BigInt(n), n & 1].forEach((value, c) => {
    columns.arrays[c][id] = value as never
  })
}

/** Small numbers of a seed. */
function draws(seed: number): { below(most: number): number } {
  let at = seed | 0
  return {
    below(most) {
      at = (Math.imul(at, 1664525) + 1013904223) | 0
      return (at >>> 8) % most
    },
  }
}

const acts = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      keys: fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 6 }),
      how: fc.nat({ max: 7 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ drop: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ due: fc.nat({ max: 12 }) }) },
)
const steps = fc.array(
  fc.oneof<[fc.Arbitrary<Act>, fc.Arbitrary<'begin'>, fc.Arbitrary<'pull'>, fc.Arbitrary<'end'>]>(
    acts,
    fc.constant('begin'),
    fc.constant('pull'),
    fc.constant('end'),
  ),
  { maxLength: 80, size: 'max' },
)

test.each(stateStores)('in %s, what is told while a state changes is what it was, whole and as changes', (_, store) => {
  fc.assert(
    fc.property(steps, fc.nat(), (all, seed) => {
      const state = new OperatorState(spec, store())
      const chain = new CaptureChain(state, draws(seed))
      let then: ReturnType<typeof copySnapshot> | undefined
      const check = (): void => {
        const restored = new OperatorState(spec, store())
        restored.restore(chain.end())
        expect(copySnapshot(restored.snapshot())).toEqual(then)
        then = undefined
      }
      for (const step of all) {
        if (typeof step !== 'string') perform(state, step)
        else if (step === 'begin') {
          then = copySnapshot(state.snapshot())
          chain.begin()
        } else if (then !== undefined) step === 'pull' ? chain.pull() : check()
      }
      if (then !== undefined) check()
    }),
    { numRuns: 100 },
  )
})

test('one that is ended, or that another follows, tells nothing more, and keeps nothing', () => {
  const state = new OperatorState(spec)
  perform(state, { keys: [1, 2, 3], how: 5 })
  const first = state.capture(true, false, 1)
  const told = first.parts()
  told.next()
  const second = state.capture(true, false, 1)
  perform(state, { keys: [1, 2, 3], how: 6 })
  expect(() => [...told]).toThrow('invalid snapshot: another has taken its place')
  second.end()
  second.end()
  expect(() => [...second.parts()]).toThrow('invalid snapshot')
})

test('a change needs something that it changes', () => {
  expect(() => new OperatorState(spec).capture(false, false)).toThrow('missing snapshot')
})
