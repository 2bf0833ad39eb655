import { expect, it } from 'vitest'
import { dealtSplits, shareOf } from './dealt-splits.ts'

it('names splits so that they say which they are', () => {
  expect(dealtSplits(12).map(shareOf)).toEqual(Array.from({ length: 12 }, (_, index) => ({ index, count: 12 })))
})
it.each(['2/2', '3/2', '0/0', '0', '', '/2', '0/', '-1/2', '1.5/2', '0/2/2', ' 0/2'])('refuses %j', id => {
  expect(() => shareOf({ id })).toThrow(`invalid split: ${id}`)
})
