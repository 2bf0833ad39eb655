import fc from 'fast-check'
import { expect, test } from 'vitest'
import { like } from './like.ts'

test.each<[string, string, boolean]>([
  ['', '', true],
  ['', '%', true],
  ['', '_', false],
  ['abc', 'abc', true],
  ['abc', 'ab', false],
  ['abc', 'a%', true],
  ['abc', '%c', true],
  ['abc', '_b_', true],
  ['a\u{1f600}c', 'a_c', true],
  ['ABC', 'abc', false],
  ['a.c', 'a.c', true],
  ['abc', 'a.c', false],
  ['a\nb', 'a%b', true],
  ['aab', '%ab', true],
])('%j like %j: %s', (text, pattern, holds) => expect(like(text, pattern)).toBe(holds))

test('escapes', () => {
  expect(like('50%', '50!%', '!')).toBe(true)
  expect(like('500', '50!%', '!')).toBe(false)
  expect(like('a!', 'a!!', '!')).toBe(true)
  expect(like('a_b', 'a\\_b')).toBe(false)
  expect(() => like('a', 'a!', '!')).toThrow('invalid pattern of LIKE: "a!"')
  expect(() => like('a', 'a', 'xy')).toThrow('invalid escape of LIKE: "xy"')
  expect(() => like('a', 'a', '')).toThrow('invalid escape of LIKE: ""')
})

test('as the regular expression with .* and . says', () => {
  const letters = (extra: string) => fc.string({ unit: fc.constantFrom(...`ab${extra}`), maxLength: 8 })
  const check = (text: string, pattern: string) => {
    const regular = new RegExp(`^${pattern.replaceAll('%', '.*').replaceAll('_', '.')}$`, 'su')
    expect(like(text, pattern)).toBe(regular.test(text))
  }
  fc.assert(fc.property(letters(''), letters('%%_'), check), { numRuns: 3000 })
})

test('many wildcards take no exponential time', () => {
  expect(like('a'.repeat(5000), `${'%a'.repeat(100)}%b`)).toBe(false)
})
