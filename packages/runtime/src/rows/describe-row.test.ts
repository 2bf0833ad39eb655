import { expect, test } from 'vitest'
import { describeRow } from './describe-row.ts'

test.each([
  [
    { id: 1, name: 'a', at: new Date(0), inner: {}, n: null },
    'the row with id: 1, name: "a", at: a Date, inner: an object, n: null',
  ],
  [5, 'the row 5'],
  ['text', 'the row "text"'],
  [null, 'the row null'],
  [undefined, 'the row undefined'],
  [[1, 2], 'the row an array of 2'],
  [new Date(0), 'the row a Date'],
  [
    Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`c${i}`, i])),
    'the row with c0: 0, c1: 1, c2: 2, c3: 3, c4: 4, c5: 5, c6: 6, c7: 7, …',
  ],
])('%j', (row, text) => {
  expect(describeRow(row)).toBe(text)
})
