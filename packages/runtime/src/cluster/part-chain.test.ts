import { expect, test } from 'vitest'
import type { StoredFile } from '../checkpoint/storage.ts'
import { PartChain } from './part-chain.ts'

const file = (path: string, bytes: number): StoredFile => ({ path, bytes, checksum: '00000000' })
const limits = { smallBytes: 10, files: 3 }

test('begins with a base, and goes on with changes of what counts', () => {
  const chain = new PartChain(limits)
  expect(chain.kindFor(5)).toEqual({ whole: true, counts: undefined })
  expect(chain.wrote(1, 5, file('a', 100))).toEqual([file('a', 100)])
  expect(chain.kindFor(6)).toEqual({ whole: true, counts: undefined })
  chain.completed(1)
  expect(chain.kindFor(6).whole).toBe(true) // was decided
  expect(chain.wrote(2, 6, file('b', 100))).toEqual([file('b', 100)])
  chain.completed(2)
  expect(chain.kindFor(7)).toEqual({ whole: false, counts: 6 })
  expect(chain.wrote(3, 7, file('c', 1))).toEqual([file('b', 100), file('c', 1)])
  expect(chain.kindFor(8)).toEqual({ whole: false, counts: 6 })
  expect(chain.wrote(4, 8, file('d', 2))).toEqual([file('b', 100), file('d', 2)])
  chain.completed(3) // it is told late, and another was written since
  expect(chain.kindFor(9)).toEqual({ whole: false, counts: 6 })
  chain.wrote(5, 9, file('e', 3))
  chain.completed(5)
  expect(chain.kindFor(10)).toEqual({ whole: false, counts: 9 })
})

test('a base is written anew when changes are many, or as large as it, or it is small', () => {
  const grown = (bytes: readonly number[]) => {
    const chain = new PartChain(limits)
    bytes.forEach((size, i) => {
      chain.kindFor(i)
      chain.wrote(i, i, file(`${i}`, size))
      chain.completed(i)
    })
    return chain.kindFor(bytes.length).whole
  }
  expect(grown([9])).toBe(true)
  expect(grown([10])).toBe(false)
  expect(grown([100, 99])).toBe(false)
  expect(grown([100, 100])).toBe(true)
  expect(grown([100, 1, 1])).toBe(true)
})

test('what was found complete since the barrier is gone on from', () => {
  const chain = new PartChain(limits)
  chain.kindFor(1)
  chain.wrote(1, 1, file('a', 100))
  chain.completed(1)
  chain.kindFor(2)
  chain.wrote(2, 2, file('b', 5))
  expect(chain.kindFor(3)).toEqual({ whole: false, counts: 1 })
  chain.completed(2)
  expect(chain.wrote(3, 3, file('c', 6))).toEqual([file('a', 100), file('b', 5), file('c', 6)])
  expect(chain.wrote(3, 3, undefined)).toEqual([file('a', 100), file('b', 5)])
})
