import {
  AnyColumn,
  Batch,
  DoubleColumn,
  field,
  GROUP_SHIFT,
  Int32Column,
  Schema,
  type TypeKind,
} from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type InputSpec, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { CellState } from './cell.ts'
import type { ColumnsState } from './columns.ts'
import type { KeyedValues } from './keyed-values.ts'
import { OperatorState } from './operator-state.ts'
import { memoryStore, type StateStore } from './store.ts'
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

test('a state that lets go of all it holds frees all keys but those that others hold', () => {
  const states = { a: { kind: 'columns', fields: [] }, b: { kind: 'columns', fields: [] } } as const
  const two = operatorSpec({ ...spec, inputs: [spec.inputs[0]!], state: states })
  const holding = (bs: readonly number[]): OperatorState => {
    const state = new OperatorState(two)
    const ids = state.resolve(ints([5, 6, 7]), two.inputs[0]!, new Int32Array(3))
    const { a, b } = state.handles as { a: ColumnsState; b: ColumnsState }
    for (const s of [a, b]) s.ensure(3)
    a.present.fill(1, 0, 3)
    for (const id of bs) b.present[id] = 1
    state.settleBatch(ids, 3)
    a.clearAll()
    state.settle()
    return state
  }
  const some = holding([1]).index!
  expect([0, 1, 2].filter(id => some.isLive(id))).toEqual([1])
  expect(some.layout()).toEqual({ highWater: 3, free: Int32Array.of(0, 2) })
  const none = holding([]).index!
  expect(none.layout()).toEqual({ highWater: 0, free: new Int32Array(0) })
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

test('the parts of a snapshot are those of the key groups', () => {
  const one = operatorSpec({ ...spec, inputs: [spec.inputs[0]!] })
  const state = new OperatorState(one)
  const keys = Array.from({ length: 200 }, (_, i) => i)
  const ids = state.resolve(ints(keys), one.inputs[0]!, new Int32Array(8))
  for (const id of ids.subarray(0, keys.length)) handlesOf(state).values.set(id, 'held')
  state.settleBatch(ids, keys.length)
  const snapshot = state.snapshot()
  for (const name of ['', 'values']) {
    const parts = snapshot.get(name)!.filter(({ group }) => group >= 0)
    expect(new Set(parts.map(({ group }) => group)).size).toBe(parts.length)
    expect(parts.length).toBeGreaterThan(50)
    const held = parts.flatMap(({ group, batch }) =>
      Array.from({ length: batch!.length }, (_, i) => [batch!.get(0, i) as number, group] as const),
    )
    expect(held.length).toBe(keys.length)
    for (const [id, group] of held) expect(state.index!.hashOf(id) >>> GROUP_SHIFT).toBe(group)
  }
})

test('without keys there is one group, and no index', () => {
  const keyless = operatorSpec({
    ...spec,
    inputs: [{ schema: spec.inputs[0]!.schema }],
    state: { rows: { kind: 'columns', fields: [field('n', 'double')] } },
  })
  const state = new OperatorState(keyless)
  expect(state.index).toBe(null)
  const rows = (s: OperatorState) => s.handles.rows as ColumnsState
  rows(state).ensure(3)
  rows(state).present.fill(1, 0, 3)
  rows(state).arrays[0]!.fill(4 as never, 0, 3)
  const snapshot = state.snapshot()
  expect([...snapshot.keys()]).toEqual(['rows'])
  expect(snapshot.get('rows')!.map(({ group, batch }) => [group, batch!.length])).toEqual([[0, 3]])
  const restored = new OperatorState(keyless)
  restored.restore(snapshot)
  expect([...rows(restored).ids()]).toEqual([0, 1, 2])
})

test('states that are elsewhere are asked for the keys of a batch, and only they', async () => {
  const asked: number[][] = []
  const answers: (Promise<unknown> | null)[] = []
  const store: StateStore = {
    handle(declaration, dropped, clock) {
      const handle = memoryStore.handle(declaration, dropped, clock)
      if (declaration.kind !== 'keyedValues') return handle
      return Object.assign(handle, {
        load: (ids: Int32Array, length: number) => {
          asked.push([...ids.subarray(0, length)])
          return answers.shift()!
        },
      })
    },
  }
  const state = new OperatorState(spec, store)
  answers.push(Promise.resolve(), null)
  await expect(state.load(Int32Array.of(4, 2, 9), 2)).resolves.toHaveLength(1)
  expect(state.load(Int32Array.of(4), 1)).toBe(null)
  expect(asked).toEqual([[4, 2], [4]])
  expect(new OperatorState(spec).load(Int32Array.of(4), 1)).toBe(null)
})

test('a key that a batch only asks for is let go at once, and its id comes back', () => {
  const state = new OperatorState(spec)
  const { values } = handlesOf(state)
  const idsOf = (...keys: number[]) => {
    const ids = state.resolve(ints(keys), spec.inputs[0]!, new Int32Array(8)).slice(0, keys.length)
    return ids
  }
  const held = idsOf(1, 2, 3)
  values.set(held[1]!, 'two')
  state.settleBatch(held, 3)
  expect(state.index!.size).toBe(1)
  const again = idsOf(7, 2)
  expect(again[1]).toBe(held[1])
  state.settleBatch(again, 2)
  expect(state.index!.size).toBe(1)
  state.release(held[1]!)
  state.settle()
  expect(state.index!.size).toBe(1) // still held by its value
  values.set(held[1]!, undefined)
  state.settle()
  expect(state.index!.size).toBe(0)
})
