import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyTable } from './key-table.ts'

/** Hashes that crowd: two groups, homes in the first and last slots (so that probing wraps), told apart in the middle. */
const crowded = fc
  .tuple(fc.constantFrom(0, 127), fc.constantFrom(0, 1, 2, 1022, 1023), fc.nat(500))
  .map(([group, home, salt]) => (group << 25) | (salt << 12) | home)

function candidates(table: KeyTable, hashes: readonly number[]): { ids: number[]; absent: number } {
  const ids = new Int32Array(hashes.length)
  const absent = table.candidates(Int32Array.from(hashes), hashes.length, ids)
  return { ids: [...ids], absent }
}

function insert(table: KeyTable, hash: number, id: number): void {
  const slots = table.roomFor(hash)
  const mask = slots.length - 1
  let at = (hash << 1) & mask
  while (slots[at + 1] !== 0) at = (at + 2) & mask
  table.insert(hash, id, slots, at)
}

test('what is in the table is found, what is not is not, whatever came and went', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(crowded, fc.boolean()), { maxLength: 400 }), steps => {
      const table = new KeyTable()
      table.grow(steps.length)
      const model = new Map<number, number>()
      const all = [...new Set(steps.map(([hash]) => hash))]
      for (const [id, [hash, add]] of steps.entries()) {
        const known = model.get(hash)
        if (add && known === undefined) {
          insert(table, hash, id)
          model.set(hash, id)
        } else if (!add && known !== undefined) {
          table.remove(known)
          model.delete(hash)
        }
        if (id % 16 !== 0 && id !== steps.length - 1) continue
        const expected = all.map(hash => model.get(hash) ?? -1)
        expect(candidates(table, all)).toEqual({ ids: expected, absent: expected.filter(id => id < 0).length })
      }
      for (const group of [0, 127]) {
        const members = [...model].filter(([hash]) => hash >>> 25 === group).map(([, id]) => id)
        expect([...table.members(group)]).toEqual(members.sort((a, b) => a - b))
      }
      expect([...model].map(([, id]) => table.hashOf(id))).toEqual([...model.keys()])
    }),
    { numRuns: 50 },
  )
})

test('ids of one hash: the rest are still there when one goes', () => {
  const table = new KeyTable()
  table.grow(4)
  for (let id = 0; id < 4; id++) insert(table, 77, id)
  table.remove(0)
  table.remove(2)
  expect([...table.members(0)]).toEqual([1, 3])
  expect(candidates(table, [77]).ids).toEqual([1])
})

test('a cleared table has nothing, and fills up again', () => {
  const table = new KeyTable()
  table.grow(40)
  const hashes = Array.from({ length: 20 }, (_, i) => i * 0x0dfedcba)
  for (const [id, hash] of hashes.entries()) insert(table, hash, id)
  table.clear()
  expect(candidates(table, hashes)).toEqual({ ids: hashes.map(() => -1), absent: 20 })
  expect(table.members(0).length).toBe(0)
  for (const [id, hash] of hashes.entries()) insert(table, hash, 39 - id)
  expect(candidates(table, hashes).ids).toEqual(hashes.map((_, id) => 39 - id))
})

test('an empty table has nothing, and tables do not share what they have', () => {
  const [a, b] = [new KeyTable(), new KeyTable()]
  a.grow(1)
  insert(a, 5, 0)
  expect(candidates(a, [5, 6]).ids).toEqual([0, -1])
  expect(candidates(b, [5, -1]).ids).toEqual([-1, -1])
})
