import { MillraceError } from '@millrace/plan'
import { expect, test } from 'vitest'
import { ringBytes } from '../channel/ring.ts'
import type { Route } from '../lower/routes.ts'
import { DEFAULT_MEMORY, layOut } from './layout.ts'

const routes = (count: number): Route[] =>
  Array.from({ length: count }, (_, node) => ({ node, input: 0, from: 0, to: 1 }))

test('rings lie one behind the other, and bells and beats behind them, on cache lines of their own', () => {
  const layout = layOut(routes(5), 3, DEFAULT_MEMORY)
  const ring = ringBytes(layout.slots, layout.slotBytes)
  expect(layout.rings).toEqual([0, 1, 2, 3, 4].map(i => i * ring))
  expect([layout.ringBytes, layout.bells]).toEqual([5 * ring, 5 * ring])
  expect([layout.beats - layout.bells, layout.bytes - layout.beats]).toEqual([3 * 64, 3 * 64])
  for (const place of [...layout.rings, layout.bells, layout.beats]) expect(place % 64).toBe(0)
})

test('with less memory slots are smaller, and take no more than half of it', () => {
  let before = Number.POSITIVE_INFINITY
  for (const memory of [DEFAULT_MEMORY, 64 * 2 ** 20, 16 * 2 ** 20, 8 * 2 ** 20]) {
    const { slotBytes, ringBytes } = layOut(routes(12), 3, memory)
    expect(ringBytes).toBeLessThanOrEqual(memory / 2)
    expect(slotBytes).toBeLessThanOrEqual(before)
    before = slotBytes
  }
  expect(before).toBeLessThan(layOut(routes(12), 3, DEFAULT_MEMORY).slotBytes)
})

test('too little memory is refused, and the hint names the least that does', () => {
  const refused = (() => {
    try {
      return layOut(routes(12), 3, 1000)
    } catch (error) {
      return error as MillraceError
    }
  })() as MillraceError
  expect([refused.code, refused.message]).toEqual(['MEMORY_LIMIT', 'invalid memory: 1000 bytes'])
  const least = Number(/at least (\d+)/.exec(refused.hint!)![1])
  expect(layOut(routes(12), 3, least).rings.length).toBe(12)
  expect(() => layOut(routes(12), 3, least - 1)).toThrow(MillraceError)
})

test('a job without channels needs no memory for them', () => {
  expect(layOut([], 2, 1).ringBytes).toBe(0)
})
