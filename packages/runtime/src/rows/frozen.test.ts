import { describe, expect, it } from 'vitest'
import { frozen, isChange } from './frozen.ts'

describe('frozen', () => {
  it('freezes objects and lists all the way down, and nothing else', () => {
    class Own {
      n = 1
    }
    const row = { a: { b: [{ c: 1 }] }, own: new Own(), when: new Date(), bytes: new Uint8Array(1), f: () => 1 }
    expect(frozen(row)).toBe(row)
    for (const part of [row, row.a, row.a.b, row.a.b[0]]) expect(Object.isFrozen(part)).toBe(true)
    for (const part of [row.own, row.when, row.bytes, row.f]) expect(Object.isFrozen(part)).toBe(false)
    expect(Object.isFrozen(frozen(Object.create(null)))).toBe(true)
    for (const value of [1, 'a', null, undefined]) expect(frozen(value)).toBe(value)
  })
  it('ends where a value holds itself', () => {
    const row: { self?: unknown } = {}
    row.self = [row]
    expect(Object.isFrozen(frozen(row).self)).toBe(true)
  })
})

describe('an error', () => {
  const row = frozen({ a: 1, list: [2, 1] }) as { a?: number; list: number[]; b?: number }
  it.each<[string, () => unknown]>([
    ['sets', () => (row.a = 2)],
    ['adds', () => (row.b = 2)],
    ['deletes', () => delete row.a],
    ['defines', () => Object.defineProperty(row, 'b', { value: 1 })],
    ['defines again', () => Object.defineProperty(row, 'a', { value: 2 })],
    ['pushes', () => row.list.push(1)],
    ['pops', () => row.list.pop()],
    ['sorts', () => row.list.sort()],
  ])('tells that a function %s', (_, change) => {
    let error: unknown
    try {
      change()
    } catch (thrown) {
      error = thrown
    }
    expect(isChange(error)).toBe(true)
  })
  it('may tell something else', () => {
    expect(isChange(new TypeError('x is not a function'))).toBe(false)
    expect(isChange(new Error('Cannot delete property'))).toBe(false)
  })
})
