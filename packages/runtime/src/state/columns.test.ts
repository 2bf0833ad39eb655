import { field, type TypeKind } from '@millrace/algebra'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import { valuesOf } from '@millrace/testing/values'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { StateArray } from './arrays.ts'
import { ColumnsState } from './columns.ts'
import { DroppedKeys } from './dropped-keys.ts'

const kinds: readonly TypeKind[] = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp', 'any']
const fields = kinds.map(kind => field(kind, kind))
const row = fc.tuple(...kinds.map(kind => valuesOf(kind)))
const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('set', 'set', 'set', 'set', 'clear', 'clear', 'clearAll', 'restore'),
    id: fc.integer({ min: 0, max: 9 }),
    row,
  }),
  { maxLength: 30 },
)

function read(array: StateArray, id: number): unknown {
  return array instanceof Uint8Array ? array[id] === 1 : array[id]
}

test('keeps a row a key in every type, ascending, over clears and restores', () => {
  fc.assert(
    fc.property(steps, script => {
      let state = new ColumnsState(fields)
      const twin = new Map<number, readonly unknown[]>()
      for (const { kind, id, row } of script) {
        if (kind === 'set') {
          state.ensure(id + 1)
          state.present[id] = 1
          row.forEach((value, c) => {
            state.arrays[c][id] = (typeof value === 'boolean' && c === 3 ? Number(value) : value) as never
          })
          twin.set(id, row)
        } else if (kind === 'clear') {
          state.clear(id)
          twin.delete(id)
        } else if (kind === 'clearAll') {
          state.clearAll()
          twin.clear()
          expect(state.arrays.filter(Array.isArray).flatMap(array => array.filter(v => v !== undefined))).toEqual([])
        } else {
          const parts = copySnapshot(new Map([['s', state.snapshot(i => i & 1)]])).get('s')!
          state = new ColumnsState(fields)
          state.restore(parts)
        }
        expect(state.holds(id)).toBe(twin.has(id))
      }
      const rows = [...state.ids()].map(id => [id, state.arrays.map(array => read(array, id))])
      expect(rows).toEqual([...twin].sort(([a], [b]) => a - b))
    }),
  )
})

test('a cleared key counts as dropped, once', () => {
  const dropped = new DroppedKeys()
  const state = new ColumnsState(fields, dropped)
  state.ensure(5)
  state.present[4] = 1
  state.clear(4)
  state.clear(4)
  state.clear(3)
  expect([...dropped.ids.subarray(0, dropped.length)]).toEqual([4])
})

test('keys that another state holds do not count as dropped, and leave no value behind', () => {
  const dropped = new DroppedKeys()
  const state = new ColumnsState(fields, dropped)
  state.ensure(5)
  for (const id of [1, 3, 4]) {
    state.present[id] = 1
    for (const array of state.arrays) if (Array.isArray(array)) array[id] = 'kept'
  }
  state.clearHeld(Int32Array.of(4, 1, 3), 2)
  expect([...state.ids()]).toEqual([3])
  expect(dropped.length).toBe(0)
  const left = state.arrays.filter(array => Array.isArray(array)).map(array => [array[1], array[3], array[4]])
  expect(left.length).toBeGreaterThan(0)
  for (const values of left) expect(values).toEqual([undefined, 'kept', undefined])
})
