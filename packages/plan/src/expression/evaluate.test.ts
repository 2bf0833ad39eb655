import { Schema } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import { call, cast, column, literal } from './build.ts'
import { evaluate } from './evaluate.ts'
import type { Expression } from './expression.ts'
import { type OperationName, operationNames } from './operation-names.ts'
import { operations } from './operations.ts'

type Given = Parameters<typeof literal>[0]
type Name = Exclude<OperationName, 'cast'>
const none = () => expect.fail('no column is read')
const value = (e: Expression) => evaluate(e, none)
const result = (name: OperationName, ...operands: Given[]) => value(call(name as Name, operands.map(literal)))

/** An operand that must not be looked at: a cast that fails. */
const trap = cast(literal('not true'), 'boolean')

test('columns come from the row; undefined is null, a Date its milliseconds', () => {
  const row: Record<string, unknown> = { a: 5, at: new Date(77) }
  const read = (name: string) => evaluate(column(Schema.opaque, name), n => row[n])
  expect([read('a'), read('at'), read('gone')]).toEqual([5, 77, null])
})

describe('logic is three-valued', () => {
  const truth = [true, false, null]
  const word = (v: unknown) => (v === null ? '?' : v ? 'T' : 'F')
  const table = (name: 'and' | 'or') => truth.map(a => truth.map(b => word(result(name, a, b))).join('')).join(' ')
  test('and, or, not', () => {
    expect(table('and')).toBe('TF? FFF ?F?')
    expect(table('or')).toBe('TTT TF? T??')
    expect(truth.map(a => word(result('not', a)))).toEqual(['F', 'T', '?'])
  })
  test('in is unknown where a null might have been it', () => {
    expect(result('in', 1, 2, 1)).toBe(true)
    expect(result('in', 1, null, 1)).toBe(true)
    expect(result('in', 1, 2, 3)).toBe(false)
    expect(result('in', 1, 2, null)).toBe(null)
    expect(result('in', null, 1)).toBe(null)
  })
})

test('every operation but the deciding ones is null if an operand is', () => {
  const operand: Partial<Record<OperationName, Given>> = { and: true, or: false, not: true }
  for (const text of ['upper', 'lower', 'length', 'concat', 'like'] as const) operand[text] = 'x'
  for (const name of operationNames) {
    if (['isNull', 'coalesce', 'if', 'cast'].includes(name)) continue
    const count = operations[name].arity[0]
    for (let nulled = 0; nulled < count; nulled++) {
      const operands = Array.from({ length: count }, (_, i) => (i === nulled ? null : (operand[name] ?? 1)))
      expect({ name, nulled, is: result(name, ...operands) }).toEqual({ name, nulled, is: null })
    }
  }
  expect(result('round', 1.5, null)).toBe(null)
  expect(result('like', 'x', 'x', null)).toBe(null)
  expect(value(cast(literal(null), 'int32'))).toBe(null)
})

describe('lazy operations look at no more than they need', () => {
  const [yes, no, nothing] = [true, false, null].map(literal)
  test.each<[string, Expression, unknown]>([
    ['and', call('and', [no!, trap]), false],
    ['or', call('or', [yes!, trap]), true],
    ['if true', call('if', [yes!, no!, trap]), false],
    ['if false', call('if', [no!, trap, yes!]), true],
    ['if null', call('if', [nothing!, trap, yes!]), true],
    ['coalesce', call('coalesce', [nothing!, yes!, trap]), true],
    ['in', call('in', [yes!, yes!, trap]), true],
    ['in null', call('in', [nothing!, trap]), null],
  ])('%s', (_, expression, expected) => expect(value(expression)).toBe(expected))
  test('and do look at what they need', () => {
    expect(() => value(call('and', [yes!, trap]))).toThrow('invalid boolean')
    expect(() => value(call('and', [nothing!, trap]))).toThrow('invalid boolean')
    expect(() => value(call('or', [no!, trap]))).toThrow('invalid boolean')
    expect(() => value(call('coalesce', [nothing!, trap]))).toThrow('invalid boolean')
  })
})

describe('comparison', () => {
  const order = [Number.NEGATIVE_INFINITY, -1, 0, 0.5, Number.POSITIVE_INFINITY, Number.NaN]
  const texts = ['', 'A', 'B', 'Ba', 'Bb', 'a', '\ud83d', '\uffee', '\u{1f600}', '\u{1f600}a', '\u{1f601}']
  test.each([
    ['numbers', order],
    ['text', texts],
    ['bigints', [-5n, 0n, 2n ** 60n]],
    ['booleans', [false, true]],
  ])('of %s', (_, ascending: Given[]) => {
    for (const [i, a] of ascending.entries())
      for (const [j, b] of ascending.entries()) {
        const names = ['lt', 'le', 'eq', 'ne', 'ge', 'gt'] as const
        expect(names.map(name => result(name, a, b))).toEqual([i < j, i <= j, i === j, i !== j, i >= j, i > j])
      }
  })
  test('a lone surrogate is below the pair it could begin, and everything above', () => {
    expect(result('lt', '\ud83d\uffff', '\u{1f600}')).toBe(true)
    expect(result('lt', '\ud83dz', '\u{1f600}')).toBe(true)
    expect(result('lt', 'x\ud83d', 'x\u{1f600}')).toBe(true)
    expect(result('gt', '\ude00', '\ud83d')).toBe(true)
  })
  test('-0 is 0, and a time compares as its number', () => {
    expect(result('eq', -0, 0)).toBe(true)
    expect(result('lt', new Date(5), 6)).toBe(true)
  })
  test('opaque values of two types do not compare', () => {
    const opaque = column(Schema.opaque, 'x')
    const compare = (x: unknown) => evaluate(call('eq', [opaque, literal(1)]), () => x)
    expect([compare(1), compare(2), compare(null), compare(undefined)]).toEqual([true, false, null, null])
    expect(() => compare('1')).toThrow('invalid comparison: "1" with 1')
    expect(() => compare({})).toThrow('invalid comparison: an object with 1')
    expect(() => compare(1n)).toThrow('invalid comparison: 1n with 1')
  })
})

describe('arithmetic', () => {
  test('of int32 does not wrap', () => {
    expect(result('plus', 2147483647, 1)).toBe(2147483648)
    expect(result('times', 2147483647, 2147483647)).toBe(2147483647 ** 2)
    expect(result('negate', -2147483648)).toBe(2147483648)
  })
  test('follows IEEE 754', () => {
    expect(result('divide', 1, 4)).toBe(0.25)
    expect(result('divide', 1, 0)).toBe(Number.POSITIVE_INFINITY)
    expect(result('modulo', -7, 3)).toBe(-1)
    expect(result('modulo', 5, 0)).toBe(Number.NaN)
    expect(result('minus', 5, 7)).toBe(-2)
  })
  test('of bigints stays within 64 bits or fails', () => {
    const greatest = 2n ** 63n - 1n
    expect(result('plus', greatest, -1n)).toBe(greatest - 1n)
    expect(result('divide', -7n, 2n)).toBe(-3n)
    expect(result('modulo', -7n, 2n)).toBe(-1n)
    expect(result('abs', -7n)).toBe(7n)
    expect(result('minus', -7n, 3n)).toBe(-10n)
    expect(result('times', -7n, 3n)).toBe(-21n)
    expect(result('negate', 7n)).toBe(-7n)
    expect(result('floor', 7n)).toBe(7n)
    expect(result('round', 7n)).toBe(7n)
    expect(() => result('plus', greatest, 1n)).toThrow('invalid bigint: 9223372036854775808')
    expect(() => result('times', greatest, 2n)).toThrow('invalid bigint')
    expect(() => result('negate', -greatest - 1n)).toThrow('invalid bigint')
    expect(() => result('divide', 1n, 0n)).toThrow('invalid divisor: 0n')
    expect(() => result('modulo', 1n, 0n)).toThrow('invalid divisor: 0n')
  })
  test('checks opaque operands', () => {
    const sum = call('plus', [column(Schema.opaque, 'x'), column(Schema.opaque, 'y')])
    const of = (x: unknown, y: unknown) => evaluate(sum, name => (name === 'x' ? x : y))
    expect([of(1, 2), of(1n, 2n), of(null, 'a')]).toEqual([3, 3n, null])
    expect(() => of(1, 2n)).toThrow('invalid operand of +: 1 and 2n')
    expect(() => of('1', '2')).toThrow('invalid operand of +: "1" and "2"')
    const upper = call('upper', [column(Schema.opaque, 'x')])
    expect(() => evaluate(upper, () => 5)).toThrow('invalid operand of UPPER: 5')
    const minus = call('negate', [column(Schema.opaque, 'x')])
    expect(() => evaluate(minus, () => true)).toThrow('invalid operand of -: true')
    expect(() => evaluate(call('not', [column(Schema.opaque, 'x')]), () => 1)).toThrow('invalid operand of NOT: 1')
  })
})

test.each([
  [2.5, 0, 3],
  [-2.5, 0, -3],
  [2.4, 0, 2],
  [0.49999999999999994, 0, 0],
  [1.25, 1, 1.3],
  [-1.25, 1, -1.3],
  [1234.5, -2, 1200],
  [1250, -2, 1300],
  [-1250, -2, -1300],
  [1e300, 20, 1e300],
  [1.5, 0.9, 2],
  [Number.NaN, 1, Number.NaN],
  [Number.NEGATIVE_INFINITY, 0, Number.NEGATIVE_INFINITY],
])('round(%d, %d) is %d', (number, digits, rounded) => {
  expect(result('round', number, digits)).toBe(rounded)
  if (digits === 0) expect(result('round', number)).toBe(rounded)
})

test('floor and ceil', () => {
  expect([result('floor', -1.5), result('ceil', -1.5), result('floor', 1.5), result('ceil', 1.2)]).toEqual([
    -2, -1, 1, 2,
  ])
  expect(result('abs', -1.5)).toBe(1.5)
})

test('text', () => {
  expect(result('upper', 'straße')).toBe('STRASSE')
  expect(result('lower', 'ÀB')).toBe('àb')
  expect(result('length', 'a\u{1f600}\ud83d')).toBe(3)
  expect(result('concat', 'a', 'b', 'c')).toBe('abc')
  expect(result('coalesce', null, 'b')).toBe('b')
  expect(result('coalesce', null, null)).toBe(null)
  expect(result('isNull', null)).toBe(true)
  expect(result('isNull', '')).toBe(false)
})
