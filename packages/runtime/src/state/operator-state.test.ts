import { AnyColumn, Batch, DoubleColumn, field, Int32Column, Schema, type TypeKind } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InputSpec, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { CellState } from './cell.ts'
import type { KeyedValues } from './keyed-values.ts'
import { OperatorState } from './operator-state.ts'
import type { TimersState } from './timers.ts'

function specOf(kind: TypeKind, other: TypeKind = kind): OperatorSpec {
  const input = (k: TypeKind): InputSpec => ({
    schema: Schema.record([field('k', k)]),
    key: { columns: [0], missing: 'insert' },
  })
  return operatorSpec({
    label: 'test',
    inputs: [input(kind), input(other)],
    outputs: [],
    state: {
      values: { kind: 'keyedValues' },
      timers: { kind: 'timers' },
      cell: { kind: 'cell', initial: () => ({ at: Number.NEGATIVE_INFINITY }) },
    },
    create: () => ({ process() {} }),
  })
}

const spec = specOf('int32')
const handlesOf = (state: OperatorState) =>
  state.handles as unknown as { values: KeyedValues; timers: TimersState; cell: CellState<{ at: number }> }

function ints(keys: readonly number[]): Batch {
  return new Batch(spec.inputs[0].schema, [new Int32Column(Int32Array.from(keys))], keys.length)
}

/** What a batch does to each of its keys, then the timers that fire. */
const steps = fc.array(
  fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
    act: fc.constantFrom('value', 'clear', 'timer', 'nothing', 'both'),
    fire: fc.integer({ min: 0, max: 20 }),
    restore: fc.boolean(),
  }),
  { maxLength: 30, size: 'max' },
)

test('a key lives exactly while some state holds something for it, and ids continue the same after a restore', () => {
  fc.assert(
    fc.property(steps, script => {
      let state = new OperatorState(spec)
      const straight = new OperatorState(spec)
      const held = new Map<number, { value: boolean; timers: Set<number> }>()
      script.forEach((step, at) => {
        const run = (s: OperatorState): Int32Array => {
          const { values, timers } = handlesOf(s)
          const ids = s.resolve(ints(step.keys), spec.inputs[0], new Int32Array(8))
          step.keys.forEach((_, i) => {
            if (step.act === 'value' || step.act === 'both') values.set(ids[i], `v${at}`)
            if (step.act === 'timer' || step.act === 'both') timers.set(ids[i], at)
            if (step.act === 'clear') values.set(ids[i], undefined)
          })
          s.settleBatch(ids, step.keys.length)
          while (timers.take(step.fire) !== undefined);
          s.settle()
          return ids.slice(0, step.keys.length)
        }
        expect(run(state)).toEqual(run(straight))
        for (const key of step.keys) {
          const h = held.get(key) ?? { value: false, timers: new Set() }
          held.set(key, h)
          if (step.act === 'value' || step.act === 'both') h.value = true
          if (step.act === 'timer' || step.act === 'both') h.timers.add(at)
          if (step.act === 'clear') h.value = false
        }
        for (const h of held.values()) for (const t of h.timers) if (t <= step.fire) h.timers.delete(t)
        expect(state.index!.size).toBe([...held.values()].filter(h => h.value || h.timers.size > 0).length)
        if (step.restore) {
          const snapshot = copySnapshot(state.snapshot())
          state = new OperatorState(spec)
          state.restore(snapshot)
        }
      })
    }),
    { numRuns: 50 },
  )
})

test('keys of inputs with different types meet: numbers as numbers, all else as any', () => {
  const numbers = new OperatorState(specOf('int32', 'timestamp'))
  const wide = specOf('int32', 'timestamp').inputs[1]
  const [a] = numbers.resolve(ints([7]), spec.inputs[0], new Int32Array(1))
  const doubles = new Batch(wide.schema, [new DoubleColumn(Float64Array.of(7, 7.5))], 2)
  expect([...numbers.resolve(doubles, wide, new Int32Array(2))]).toEqual([a, 1])
  const mixed = new OperatorState(specOf('int32', 'any'))
  const any = specOf('int32', 'any').inputs[1]
  expect([...mixed.resolve(ints([7]), spec.inputs[0], new Int32Array(1))]).toEqual([0])
  const values = new Batch(any.schema, [new AnyColumn(['7', 7, null])], 3)
  expect([...mixed.resolve(values, any, new Int32Array(3))]).toEqual([1, 0, 2])
})

test('what is no key is refused with a hint', () => {
  const any = specOf('any')
  const state = new OperatorState(any)
  const batch = new Batch(any.inputs[0].schema, [new AnyColumn([{ a: 1 }])], 1)
  const error = (() => {
    try {
      return state.resolve(batch, any.inputs[0], new Int32Array(1))
    } catch (thrown) {
      return thrown
    }
  })()
  expect(error).toBeInstanceOf(MillraceError)
  expect(error).toMatchObject({ code: 'INVALID_KEY', message: 'invalid key: an object' })
  expect((error as MillraceError).hint).toMatch(/^Key by a field of it/)
})

test('a cell keeps what JSON cannot', () => {
  const state = new OperatorState(spec)
  handlesOf(state).cell.value.at = Number.POSITIVE_INFINITY
  const restored = new OperatorState(spec)
  restored.restore(copySnapshot(state.snapshot()))
  handlesOf(state).cell.value.at = 3
  expect(handlesOf(restored).cell.value).toEqual({ at: Number.POSITIVE_INFINITY })
})

test('a snapshot does not change with the containers it was taken of', () => {
  const state = new OperatorState(spec)
  const { values } = handlesOf(state)
  const ids = state.resolve(ints([1, 2]), spec.inputs[0], new Int32Array(2))
  const [list, map] = [[1], new Map([['a', 1]])]
  values.set(ids[0], list)
  values.set(ids[1], map)
  const snapshot = state.snapshot()
  list.push(2)
  map.set('b', 2)
  const restored = new OperatorState(spec)
  restored.restore(snapshot)
  expect(handlesOf(restored).values.get(ids[0])).toEqual([1])
  expect(handlesOf(restored).values.get(ids[1])).toEqual(new Map([['a', 1]]))
})
