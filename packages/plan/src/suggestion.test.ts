import { expect, test } from 'vitest'
import { quoteName, suggestion, unknownName } from './suggestion.ts'

const columns = ['date', 'delay', 'distance', 'origin', 'destination']

test.each([
  ['orgin', 'origin'],
  ['ORIGIN', 'origin'],
  ['oirgin', 'origin'],
  ['dely', 'delay'],
  ['destinations', 'destination'],
  ['distanze', 'distance'],
  ['xyz', undefined],
  ['', undefined],
])('%s: %s', (given, meant) => expect(suggestion(given, columns)).toBe(meant))

test('a swap of neighbours counts once, other moves by letters', () => {
  expect(suggestion('ba', ['ab'])).toBe('ab')
  expect(suggestion('abc', ['cab'])).toBeUndefined()
  expect(suggestion('xbcdefghi', ['abcdefghi', 'xbcdefgh'])).toBe('abcdefghi')
})

test('the message lists what is known, the hint what was meant', () => {
  const error = unknownName('UNKNOWN_COLUMN', 'column', 'orgin', columns)
  expect(error.message).toBe('unknown column: orgin (known: date, delay, distance, origin, destination)')
  expect(error.hint).toBe('did you mean "origin"?')
  expect(unknownName('UNKNOWN_COLUMN', 'column', 'x', []).message).toBe('unknown column: x (known: none)')
  expect(unknownName('UNKNOWN_COLUMN', 'column', 'orgin', columns, { hint: 'see below' }).hint).toBe('see below')
})

test('long lists are cut, odd names quoted', () => {
  const many = Array.from({ length: 100 }, (_, i) => `c${i}`)
  const message = unknownName('UNKNOWN_COLUMN', 'column', 'a b', many).message
  expect(message).toMatch(/^unknown column: "a b" \(known: c0, c1, .*, c29, and 70 more\)$/)
  expect(quoteName('café-2.x')).toBe('café-2.x')
  expect(quoteName('2x')).toBe('"2x"')
  expect(quoteName('a\n*/')).toBe('"a\\n*/"')
})
