import { expect, test } from 'vitest'
import type { CollectionKind } from './node.ts'
import { closed, grouped, outcomes } from './outcomes.ts'

const kinds = ['bounded', 'appending', 'updating'] as const
const letter = (kind: CollectionKind) => kind[0]!.toUpperCase()
/** Rows left, columns right, in the order bounded, appending, updating. */
const cells = (table: Record<CollectionKind, Record<CollectionKind, CollectionKind>>) =>
  kinds.map(l => kinds.map(r => letter(table[l][r])).join('')).join(' ')

test.each<[readonly (keyof typeof outcomes)[], string]>([
  [['union', 'intersect', 'inner', 'semi', 'cross'], 'BAU AAU UUU'],
  [['minus', 'left', 'anti'], 'BUU AUU UUU'],
  [['right'], 'BAU UUU UUU'],
  [['full', 'coGroup'], 'BUU UUU UUU'],
  [['windowed', 'interval', 'temporal', 'connect', 'apply'], 'BAA AAA AAA'],
])('%s: %s', (names, expected) => {
  for (const name of names) expect({ name, is: cells(outcomes[name]) }).toEqual({ name, is: expected })
})

test('every operation is in the table above, and mirrored where it should be', () => {
  expect(Object.keys(outcomes)).toHaveLength(16)
  for (const l of kinds) for (const r of kinds) expect(outcomes.right[l][r]).toBe(outcomes.left[r][l])
})

test('grouping', () => {
  expect(kinds.map(k => letter(grouped[k])).join('')).toBe('BUU')
  expect(kinds.map(k => letter(closed[k])).join('')).toBe('BAA')
})
