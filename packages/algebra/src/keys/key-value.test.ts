import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { keyAtom, ownedKey, sameKey } from './key-value.ts'

test('what is the same key, and what is not', () => {
  const same: [unknown, unknown][] = [
    [0, -0],
    [Number.NaN, Number.NaN],
    [null, undefined],
    [new Date(5), 5],
    [new Date(5), new Date(5)],
    [new Date(Number.NaN), Number.NaN],
    ['a', 'a'],
    [2n ** 70n, 2n ** 70n],
  ]
  for (const [a, b] of same) expect([sameKey(a, b), sameKey(b, a)]).toEqual([true, true])
  const different = [0, 1, '1', 1n, true, '', null, Number.NaN, new Date(7), 'null']
  for (const [i, a] of different.entries())
    for (const [j, b] of different.entries()) expect(sameKey(a, b)).toBe(i === j)
})

test('what is kept of a key is its own', () => {
  expect(Object.is(ownedKey(-0), 0)).toBe(true)
  expect(ownedKey(undefined)).toBe(null)
  expect(ownedKey(null)).toBe(null)
  expect(ownedKey('text')).toBe('text')
  const date = new Date(5)
  const kept = ownedKey(date)
  date.setTime(6)
  expect(kept).toEqual(new Date(5))
})

test('a Date of another context is a Date', () => {
  const foreign: unknown = runInNewContext('new Date(5)')
  expect(foreign).not.toBeInstanceOf(Date)
  expect(keyAtom(foreign)).toBe(5)
})

test('what only looks like a Date is not one', () => {
  for (const value of [{ [Symbol.toStringTag]: 'Date' }, Object.create(Date.prototype)])
    expect(() => keyAtom(value)).toThrow('invalid key: an object')
})
