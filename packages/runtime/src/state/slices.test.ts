import { field } from '@millrace/algebra'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DroppedKeys } from './dropped-keys.ts'
import { SlicesState } from './slices.ts'

const fields = [field('n', 'double'), field('any', 'any')]

/** Adds 1 to `n` of a key in a slice. */
function add(state: SlicesState, start: number, id: number): void {
  const slice = state.at(start, id + 1)
  const before = slice.size
  if (slice.present[id] === 0) {
    slice.present[id] = 1
    slice.touched[slice.size++] = id
    slice.arrays[0][id] = 0
  }
  slice.arrays[0][id] = (slice.arrays[0][id] as number) + 1
  slice.arrays[1][id] = `${start}/${slice.arrays[0][id]}`
  state.touched(slice, before)
}

function contents(state: SlicesState): unknown {
  return state.starts().map(start => {
    const slice = state.get(start)!
    return [start, [...slice.sortedIds()].map(id => [id, slice.arrays[0][id], slice.arrays[1][id]])]
  })
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('add', 'add', 'add', 'add', 'drop', 'restore'),
    start: fc.integer({ min: -2, max: 3 }),
    id: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant(3000)),
  }),
  { maxLength: 50, size: 'max' },
)

test('a row a slice and key, over drops and restores; keys are dropped with their last slice, ascending', () => {
  fc.assert(
    fc.property(steps, script => {
      const dropped = new DroppedKeys()
      let state = new SlicesState(fields, dropped)
      const twin = new Map<number, Map<number, number>>()
      const holders = (id: number) => [...twin.values()].filter(slice => slice.has(id)).length
      for (const { kind, start, id } of script) {
        dropped.length = 0
        if (kind === 'add') {
          add(state, start, id)
          if (!twin.has(start)) twin.set(start, new Map())
          const slice = twin.get(start)!
          slice.set(id, (slice.get(id) ?? 0) + 1)
        } else if (kind === 'drop') {
          const gone = [...(twin.get(start)?.keys() ?? [])].sort((a, b) => a - b)
          twin.delete(start)
          state.drop(start)
          expect([...dropped.ids.subarray(0, dropped.length)]).toEqual(gone.filter(i => holders(i) === 0))
        } else {
          const parts = copySnapshot(new Map([['s', state.snapshot(i => i & 3)]])).get('s')!
          state = new SlicesState(fields, dropped)
          state.restore(parts)
        }
        expect(state.holds(id)).toBe(holders(id) > 0)
      }
      expect(contents(state)).toEqual(
        [...twin]
          .sort(([a], [b]) => a - b)
          .map(([start, rows]) => [
            start,
            [...rows].sort(([a], [b]) => a - b).map(([i, n]) => [i, n, `${start}/${n}`]),
          ]),
      )
    }),
  )
})

test('a slice without a row survives a restore', () => {
  const state = new SlicesState(fields)
  state.at(7, 1)
  const restored = new SlicesState(fields)
  restored.restore(state.snapshot(() => 0))
  expect(restored.starts()).toEqual([7])
})

test('the keys of a crowded slice come ascending, as those of a sparse one do', () => {
  for (const count of [3, 60, 300, 1024]) {
    const state = new SlicesState(fields)
    const ids = Array.from({ length: count }, (_, i) => (i * 7) % 1024)
    for (const id of ids) add(state, 0, id)
    expect([...state.get(0)!.sortedIds()]).toEqual([...new Set(ids)].sort((a, b) => a - b))
  }
})

test('a slice that was dropped holds on to no value, and is used again empty', () => {
  const state = new SlicesState(fields)
  add(state, 0, 1)
  add(state, 0, 2)
  const slice = state.get(0)!
  const [numbers, values] = slice.arrays
  state.drop(0)
  expect((values as unknown[]).filter(v => v !== undefined)).toEqual([])
  expect(numbers).toBeInstanceOf(Float64Array)
  expect(state.get(0)).toBe(undefined)
  expect(state.at(5, 1)).toBe(slice)
  expect([slice.start, slice.size, ...slice.sortedIds()]).toEqual([5, 0])
  expect(slice.present.includes(1)).toBe(false)
})
