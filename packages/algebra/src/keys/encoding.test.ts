import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeKey } from './encoding.ts'

const bytes = (...key: unknown[]) => Buffer.from(encodeKey(key))

function order(a: unknown, b: unknown): number {
  return Math.sign(Buffer.compare(bytes(a), bytes(b)))
}

/** Numbers by value, NaN last, one zero. */
function orderOfNumbers(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  return Math.sign(a < b ? -1 : a > b ? 1 : 0)
}

function orderOfTexts(a: string, b: string): number {
  const x = Array.from(a, c => c.codePointAt(0) ?? 0)
  const y = Array.from(b, c => c.codePointAt(0) ?? 0)
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return Math.sign(x[i] - y[i])
  return Math.sign(x.length - y.length)
}

const unit = fc.oneof(fc.constantFrom(0, 1, 0x61, 0xff, 0xd83d, 0xde00, 0xe000, 0xffff), fc.nat(0xffff))
const text = fc.array(unit, { maxLength: 5 }).map(units => String.fromCharCode(...units))
const number = fc.oneof(fc.double(), fc.integer(), fc.constantFrom(-0, 0, Number.NaN, 2 ** 31))
const bigint = fc.oneof(fc.bigInt(), fc.bigInt({ min: -300n, max: 300n }))
const atom = fc.oneof(text, number, bigint, fc.boolean(), fc.constant(null))

test('bytes sort as the values of a type do', () => {
  const agree = <T>(values: fc.Arbitrary<T>, expected: (a: T, b: T) => number) =>
    fc.assert(fc.property(values, values, (a, b) => order(a, b) === expected(a, b)))
  agree(number, orderOfNumbers)
  agree(bigint, (a, b) => (a < b ? -1 : a > b ? 1 : 0))
  agree(text, orderOfTexts)
  agree(fc.boolean(), (a, b) => Number(a) - Number(b))
})

test('null comes after all', () => {
  fc.assert(fc.property(atom, a => order(a, null) === (a === null ? 0 : -1)))
})

test('equal bytes mean equal keys, composite ones too', () => {
  const same = (a: unknown, b: unknown) => a === b || (Number.isNaN(a) && Number.isNaN(b))
  const key = fc.array(fc.oneof(fc.constantFrom('', '\0', 'a', 0, -0, 1, 1n, '1', null, true), atom), { maxLength: 3 })
  fc.assert(
    fc.property(key, key, (a, b) => {
      const equal = a.length === b.length && a.every((x, i) => same(x, b[i]))
      expect(bytes(...a).equals(bytes(...b))).toBe(equal)
    }),
    { numRuns: 2000 },
  )
})

test('a Date is its time, undefined is null', () => {
  expect(bytes(new Date(1_700_000_000_000))).toEqual(bytes(1_700_000_000_000))
  expect(bytes(undefined)).toEqual(bytes(null))
})

test('objects, arrays, functions and symbols are refused with a hint', () => {
  for (const value of [{}, [1], () => 1, Symbol('s'), new Map(), Object(1)]) {
    expect(() => encodeKey([value])).toThrow(TypeError)
    expect(() => encodeKey([value])).toThrow(/^invalid key: an? \w+\. Key by a field of it, or by several columns/)
  }
})

test('a bigint of more than 127 bytes is refused', () => {
  expect(bytes(2n ** 1016n - 1n).length).toBe(129)
  expect(bytes(-(2n ** 1016n) + 1n).length).toBe(129)
  for (const value of [2n ** 1016n, -(2n ** 1016n)]) expect(() => encodeKey([value])).toThrow(/more than 127 bytes/)
})
