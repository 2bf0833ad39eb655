/** Structural equality against Node's deep equality, over values so few that many are equal; and the hash that goes with it. */
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { structurallyEqual } from './equal.ts'
import { structuralHash } from './hash.ts'

const { value } = fc.letrec<{ value: unknown }>(tie => {
  const items = fc.array(tie('value'), { maxLength: 2 })
  const key = fc.constantFrom('a', 'b', '__proto__')
  return {
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom<unknown>(0, 1, Number.NaN, '0', 'a', 1n, 2n ** 64n, 2n ** 65n, true, null, undefined),
      fc
        .constantFrom<() => unknown>(
          () => new Date(0),
          () => new Date(1),
          () => new Uint8Array([1]),
          () => new Int8Array([1]),
          () => new Uint8Array([1, 2]),
          () => new Float64Array([Number.NaN]),
          () => new Uint8Array([1]).buffer,
          () => [],
        )
        .map(make => make()),
      items,
      items.map(list => new Set(list)),
      fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map(entries => new Map(entries)),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 2 }).map(entries => Object.fromEntries(entries)),
    ),
  }
})

describe('structural equality', () => {
  it('is deep equality, and equal values have equal hashes', () => {
    let equal = 0
    fc.assert(
      fc.property(value, value, (a, b) => {
        const same = isDeepStrictEqual(a, b)
        expect(structurallyEqual(a, b)).toBe(same)
        expect(structurallyEqual([a, 1], [b, 1])).toBe(same)
        if (!same) return
        equal++
        expect(structuralHash(a)).toBe(structuralHash(b))
      }),
      { numRuns: 4000 },
    )
    expect(equal).toBeGreaterThan(50)
  })

  it('holds for copies', () => {
    fc.assert(
      fc.property(value, a => {
        const copy = structuredClone(a)
        expect(structurallyEqual(a, copy)).toBe(true)
        expect(structuralHash(a)).toBe(structuralHash(copy))
      }),
    )
  })

  it('does not depend on the order of keys, entries and members', () => {
    const pairs: [unknown, unknown][] = [
      [
        { a: 1, b: [2] },
        { b: [2], a: 1 },
      ],
      [
        new Map<unknown, unknown>([
          ['a', 1],
          [[2], {}],
        ]),
        new Map<unknown, unknown>([
          [[2], {}],
          ['a', 1],
        ]),
      ],
      [new Set<unknown>([1, [2], {}]), new Set<unknown>([{}, [2], 1])],
    ]
    for (const [a, b] of pairs) {
      expect(structurallyEqual(a, b)).toBe(true)
      expect(structuralHash(a)).toBe(structuralHash(b))
    }
  })

  it('pairs members off one to one', () => {
    const x = { x: 1 }
    expect(structurallyEqual(new Set([x, { x: 1 }]), new Set([x, { z: 1 }]))).toBe(false)
    expect(
      structurallyEqual(
        new Map([
          [x, 1],
          [{ x: 1 }, 2],
        ]),
        new Map([
          [x, 2],
          [{ x: 1 }, 1],
        ]),
      ),
    ).toBe(true)
    expect(
      structurallyEqual(
        new Map([
          [x, 1],
          [{ x: 1 }, 1],
        ]),
        new Map([
          [x, 1],
          [{ x: 1 }, 2],
        ]),
      ),
    ).toBe(false)
  })

  it('takes -0 for 0, invalid dates for one another, and what is no data for itself only', () => {
    const act = () => 1
    expect(structurallyEqual([-0], [0])).toBe(true)
    expect(structurallyEqual(new Float64Array([-0]), new Float64Array([0]))).toBe(true)
    expect(structurallyEqual(new Date(Number.NaN), new Date(Number.NaN))).toBe(true)
    expect([structurallyEqual({ act }, { act }), structurallyEqual({ act }, { act: () => 1 })]).toEqual([true, false])
    expect(structurallyEqual(new (class A {})(), new (class A {})())).toBe(false)
  })

  it('is refused for cycles', () => {
    const cycle = () => {
      const list: unknown[] = []
      list.push(list)
      return list
    }
    expect(() => structurallyEqual(cycle(), cycle())).toThrow('invalid value: nested more than 100 deep, or cyclic')
  })
})
