import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallClock } from './call-clock.ts'
import { DroppedKeys } from './dropped-keys.ts'
import { ExpiringMaps } from './expiring-maps.ts'
import { LargeMap, shardsOf, withEntry } from './large-map.ts'
import { MapsState } from './maps.ts'

const steps = fc.array(
  fc.record({
    act: fc.constantFrom('set', 'set', 'set', 'delete'),
    key: fc.integer({ min: 0, max: 12 }),
    value: fc.nat(),
  }),
  { maxLength: 80, size: 'max' },
)

test('it is as one Map, whatever the size of its parts', () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (script, room) => {
      const large = new LargeMap<number, number>(new Map(), room)
      const one = new Map<number, number>()
      for (const { act, key, value } of script) {
        if (act === 'set') large.set(key, value)
        if (act === 'set') one.set(key, value)
        if (act === 'delete') expect(large.delete(key)).toBe(one.delete(key))
        expect(large.size).toBe(one.size)
        expect([large.has(key), large.get(key)]).toEqual([one.has(key), one.get(key)])
        expect([...large.entries()]).toEqual([...one])
        expect(large.shards.every(shard => shard.size <= room)).toBe(true)
        expect(large.shards.slice(1).every(shard => shard.size > 0)).toBe(true)
      }
    }),
  )
})

test('entries that are deleted or added while it is iterated are as with a Map', () => {
  const visit = (map: LargeMap<number, number> | Map<number, number>) => {
    const seen: number[] = []
    for (const [key] of map.entries()) {
      seen.push(key)
      if (key % 2 === 0) map.delete(key)
      if (key < 6) map.set(key + 10, 0)
    }
    return [seen, [...map.entries()]]
  }
  const keys = [0, 1, 2, 3, 4, 5].map(key => [key, 0] as const)
  const large = new LargeMap<number, number>(new Map(), 2)
  for (const [key, value] of keys) large.set(key, value)
  expect(visit(large)).toEqual(visit(new Map(keys)))
})

test('a Map that is full becomes the first part of a large one', () => {
  const full = new Map([
    [1, 'a'],
    [2, 'b'],
  ])
  expect(withEntry(full, 2, 'c', 2)).toBe(full)
  const large = withEntry(full, 3, 'd', 2)
  expect(large).toBeInstanceOf(LargeMap)
  expect(shardsOf(large).map(shard => [...shard])).toEqual([
    [
      [1, 'a'],
      [2, 'c'],
    ],
    [[3, 'd']],
  ])
  expect(withEntry(large, 4, 'e', 2)).toBe(large)
  expect(shardsOf(full)).toEqual([full])
})

test('state of maps in parts has a row a part in its snapshot, and the same order after a restore', () => {
  fc.assert(
    fc.property(steps, fc.boolean(), (script, expires) => {
      const clock = new CallClock(() => 0)
      const fresh = () => {
        const maps = new MapsState(new DroppedKeys(), undefined, 3)
        return expires ? new ExpiringMaps(maps, { afterMs: 1, refresh: 'write' }, clock, 3) : maps
      }
      let maps = fresh()
      const twin = new Map<number, number>()
      for (const { act, key, value } of script) {
        if (act === 'set') maps.set(7, key, value)
        if (act === 'set') twin.set(key, value)
        if (act === 'delete') maps.delete(7, key)
        if (act === 'delete') twin.delete(key)
      }
      const parts = maps.snapshot(() => 5)
      for (const { batch } of parts)
        for (let i = 0; i < batch!.length; i++)
          expect((batch!.get(1, i) as Map<number, number>).size).toBeLessThanOrEqual(3)
      maps = fresh()
      maps.restore(copySnapshot(new Map([['s', parts]])).get('s')!)
      expect([...maps.entries(7)]).toEqual([...twin])
      expect(maps.size(7)).toBe(twin.size)
    }),
  )
})
