import { type TypeKind, typeOf } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import { castValue } from './cast.ts'
import { parseTime } from './time-text.ts'

const to = (value: unknown, from: TypeKind, target: TypeKind) => castValue(value, typeOf[from], typeOf[target])

test.each<[unknown, TypeKind, TypeKind, unknown]>([
  [2.9, 'double', 'int32', 2],
  [-2.9, 'double', 'int32', -2],
  [-0.5, 'double', 'int32', 0],
  [' 12 ', 'text', 'int32', 12],
  ['-2147483648', 'text', 'int32', -2147483648],
  [7n, 'bigint', 'int32', 7],
  [true, 'boolean', 'int32', 1],
  ['1.5e3', 'text', 'double', 1500],
  ['.5', 'text', 'double', 0.5],
  ['-Infinity', 'text', 'double', Number.NEGATIVE_INFINITY],
  ['NaN', 'text', 'double', Number.NaN],
  [2n ** 60n + 1n, 'bigint', 'double', 2 ** 60],
  [5.7, 'double', 'bigint', 5n],
  [' +9223372036854775807', 'text', 'bigint', 9223372036854775807n],
  [false, 'boolean', 'bigint', 0n],
  [2n, 'bigint', 'boolean', true],
  [0, 'int32', 'boolean', false],
  [' TRUE', 'text', 'boolean', true],
  ['false', 'text', 'boolean', false],
  [1.5, 'double', 'text', '1.5'],
  [12n, 'bigint', 'text', '12'],
  [true, 'boolean', 'text', 'true'],
  [12, 'timestamp', 'text', '1970-01-01T00:00:00.012Z'],
  ['2001-02-03', 'text', 'timestamp', Date.UTC(2001, 1, 3)],
  [5n, 'bigint', 'timestamp', 5],
  [7, 'timestamp', 'double', 7],
  ['x', 'any', 'text', 'x'],
  ['x', 'text', 'any', 'x'],
])('%s from %s to %s: %s', (value, from, target, expected) => expect(to(value, from, target)).toBe(expected))

test.each<[unknown, TypeKind, TypeKind, string]>([
  [2147483648, 'double', 'int32', 'invalid int32: 2147483648'],
  [Number.NaN, 'double', 'int32', 'invalid int32: NaN'],
  [Number.NEGATIVE_INFINITY, 'double', 'int32', 'invalid int32: -Infinity'],
  ['1.5', 'text', 'int32', 'invalid int32: "1.5"'],
  ['', 'text', 'int32', 'invalid int32: ""'],
  ['0x10', 'text', 'double', 'invalid double: "0x10"'],
  ['', 'text', 'double', 'invalid double: ""'],
  ['1 2', 'text', 'double', 'invalid double: "1 2"'],
  ['9223372036854775808', 'text', 'bigint', 'invalid bigint: 9223372036854775808'],
  [1e19, 'double', 'bigint', 'invalid bigint: 10000000000000000000'],
  [Number.NaN, 'double', 'bigint', 'invalid bigint: NaN'],
  ['yes', 'text', 'boolean', 'invalid boolean: "yes"'],
  ['1', 'text', 'boolean', 'invalid boolean: "1"'],
  ['tomorrow', 'text', 'timestamp', 'invalid timestamp: "tomorrow"'],
  [Number.NaN, 'double', 'timestamp', 'invalid timestamp: NaN'],
  [true, 'any', 'timestamp', 'invalid timestamp: true'],
  [1e20, 'timestamp', 'text', 'invalid text of a timestamp: 100000000000000000000'],
  [{}, 'any', 'text', 'invalid text: an object'],
  [{}, 'any', 'double', 'invalid double: an object'],
  [`y${'x'.repeat(99)}`, 'text', 'double', `invalid double: "y${'x'.repeat(59)}..."`],
  ['x'.repeat(60), 'text', 'double', `invalid double: "${'x'.repeat(60)}"`],
])('%s from %s to %s is refused', (value, from, target, message) =>
  expect(() => to(value, from, target)).toThrow(message),
)

describe('times as text', () => {
  test.each<[string, number | undefined]>([
    ['2001-02-28', Date.UTC(2001, 1, 28)],
    ['0001-01-01', -62135596800000],
    ['2000-02-29 23:59', Date.UTC(2000, 1, 29, 23, 59)],
    [' 2001-02-03T04:05:06.7Z ', Date.UTC(2001, 1, 3, 4, 5, 6, 700)],
    ['2001-02-03 04:05:06.123456789', Date.UTC(2001, 1, 3, 4, 5, 6, 123)],
    ['2001-02-03T04:05:06+01:30', Date.UTC(2001, 1, 3, 2, 35, 6)],
    ['2001-02-03T04:05:06-0130', Date.UTC(2001, 1, 3, 5, 35, 6)],
    ['2001-02-29', undefined],
    ['2001-13-01', undefined],
    ['2001-00-01', undefined],
    ['2001-01-32', undefined],
    ['2001-01-01T24:00', undefined],
    ['2001-01-01T23:60', undefined],
    ['2001-01-01T23:59:60', undefined],
    ['2001-01-01T10:00:60', undefined],
    ['2001-01-01T10:60:00', undefined],
    ['2001-01-01T10:59:59', Date.UTC(2001, 0, 1, 10, 59, 59)],
    ['2001-01-01T00:00+24:00', undefined],
    ['2001-1-1', undefined],
    ['', undefined],
  ])('%s', (text, ms) => expect(parseTime(text)).toBe(ms))
})
