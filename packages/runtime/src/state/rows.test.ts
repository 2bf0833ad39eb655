import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { batches, rowsOf, type SampleRow, schemas } from '@millrace/testing/batches'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DroppedKeys } from './dropped-keys.ts'
import { RowsState } from './rows.ts'

const cases = schemas().chain(schema =>
  fc.tuple(
    fc.constant(schema),
    fc.array(
      fc.record({
        kind: fc.constantFrom('append', 'append', 'append', 'read', 'restore', 'clear'),
        sample: batches(schema, { maxRows: 6 }),
        ids: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 6, maxLength: 6 }),
      }),
      { maxLength: 12 },
    ),
  ),
)

function chains(state: RowsState): number[][] {
  return Array.from({ length: 5 }, (_, id) => {
    const rows: number[] = []
    for (let row = state.head[id] ?? -1; row >= 0; row = state.next[row]) rows.push(row)
    return rows
  })
}

test.each([true, false])('keeps rows in order of arrival, keyed: %s, in chains', keyed => {
  fc.assert(
    fc.property(cases, ([schema, script]) => {
      let state = new RowsState(schema, keyed, new DroppedKeys())
      let twin: { row: SampleRow; id: number }[] = []
      for (const { kind, sample, ids } of script) {
        if (kind === 'append') {
          state.append(sample.batch, Int32Array.from(ids))
          twin.push(...sample.rows.map((row, i) => ({ row, id: ids[i] })))
        } else if (kind === 'read') state.all()
        else if (kind === 'clear') {
          state.clear()
          twin = []
        } else {
          const parts = copySnapshot(new Map([['s', state.snapshot()]])).get('s')!
          state = new RowsState(schema, keyed, new DroppedKeys())
          state.restore(parts)
        }
        expect(state.length).toBe(twin.length)
      }
      const timed = twin.every(({ row }) => row.time !== undefined)
      expect(rowsOf(state.all())).toEqual(twin.map(({ row }) => (timed ? row : { ...row, time: undefined })))
      if (!keyed) return
      const expected = Array.from({ length: 5 }, (_, id) => twin.flatMap((t, row) => (t.id === id ? [row] : [])))
      expect(chains(state)).toEqual(expected)
      expect(state.aligned).toBe(twin.every(({ id }, row) => id === row))
      expect(state.unique).toBe(expected.every(chain => chain.length < 2))
      expect([0, 1, 2, 3, 4].map(id => state.holds(id))).toEqual(expected.map(chain => chain.length > 0))
    }),
  )
})

test('clearing drops every key once', () => {
  fc.assert(
    fc.property(cases, ([schema, script]) => {
      const dropped = new DroppedKeys()
      const state = new RowsState(schema, true, dropped)
      const ids = new Set<number>()
      for (const step of script) {
        state.append(step.sample.batch, Int32Array.from(step.ids))
        for (let i = 0; i < step.sample.rows.length; i++) ids.add(step.ids[i])
      }
      state.clear()
      expect([...dropped.ids.subarray(0, dropped.length)]).toEqual([...ids].sort())
    }),
    { numRuns: 30 },
  )
})

test('ids and rows may be many, and come in any order', () => {
  const schema = Schema.record([field('n', 'int32')])
  const state = new RowsState(schema, true, new DroppedKeys())
  const twin = new Map<number, number[]>()
  let row = 0
  for (const ids of [[5000, 1, 5000, 2500], Array.from({ length: 3000 }, (_, i) => (i * 31) % 700), [5001, 9999, 1]]) {
    const numbers = Int32Array.from(ids)
    state.append(new Batch(schema, [new Int32Column(numbers)], ids.length), numbers)
    for (const id of ids) twin.set(id, [...(twin.get(id) ?? []), row++])
  }
  for (const [id, rows] of twin) {
    const chain: number[] = []
    for (let at = state.head[id]!; at >= 0; at = state.next[at]!) chain.push(at)
    expect(chain).toEqual(rows)
  }
  expect(state.length).toBe(3007)
  expect([5000, 9999, 0, 701].map(id => state.holds(id))).toEqual([true, true, true, false])
})

test('a single key of any size has room', () => {
  const schema = Schema.record([field('n', 'int32')])
  for (const id of [0, 1023, 1024, 1025, 4000]) {
    const state = new RowsState(schema, true, new DroppedKeys())
    state.append(new Batch(schema, [new Int32Column(Int32Array.of(7))], 1), Int32Array.of(id))
    expect([state.holds(id), state.holds(id + 1), state.head[id]]).toEqual([true, false, 0])
  }
})
