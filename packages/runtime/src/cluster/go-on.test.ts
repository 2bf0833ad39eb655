import { expect, test } from 'vitest'
import type { Manifest, OperatorRecord } from '../checkpoint/manifest.ts'
import type { DistributedNode } from '../lower/distribute.ts'
import { type GoingOn, splitsOf } from './go-on.ts'

type Split = NonNullable<OperatorRecord['splits']>[number]

const split = (number: number, site: number, offset?: number): Split => ({
  id: `${number}.csv`,
  number,
  site,
  ...(offset === undefined ? {} : { offset }),
})

/** By site, the numbers of the splits that each goes on with. */
function dealt(workers: number, formerly: number, splits: readonly Split[]): number[][] {
  const going = {
    manifest: { workers: formerly } as Manifest,
    matched: { records: new Map([[0, { splits } as OperatorRecord]]), dropped: [], added: [] },
    nodes: [{ place: 'workers' } as DistributedNode],
    workers,
    fingerprint: '',
  } satisfies GoingOn
  return [...splitsOf(going, 0).values()].map(list => list.map(({ number }) => number))
}

test('splits are dealt to other workers in their turn', () => {
  const of2 = [split(0, 0, 5), split(2, 0, 7), split(4, 0), split(1, 1, 9), split(3, 1)]
  expect(dealt(1, 2, of2)).toEqual([[0, 1, 2, 3, 4]])
  expect(dealt(3, 2, of2)).toEqual([[0, 3], [1, 4], [2]])
  const late = [split(4, 0), split(7, 0, 1), split(5, 1), split(3, 1)]
  expect(dealt(1, 2, late)).toEqual([[3, 4, 5, 7]])
})

test('with as many workers as before each goes on with its own', () => {
  const of2 = [split(0, 0, 5), split(4, 0), split(2, 0, 7), split(1, 1, 9), split(3, 1)]
  expect(dealt(2, 2, of2)).toEqual([
    [0, 2, 4],
    [1, 3],
  ])
})
