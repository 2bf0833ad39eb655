/** Files of a part as one: what each kind of record replaces. */
import { Batch, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { expect, test } from 'vitest'
import type { PartRecord } from '../checkpoint/part.ts'
import { MIXED_GROUPS } from '../state/handle.ts'
import { mergedRecords } from './merge-parts.ts'
import { sortedByGroup } from './sort-groups.ts'

const idSchema = Schema.record([field('id', 'int32')])
const rowSchema = Schema.record([field('id', 'int32'), field('0:n', 'double', true)])

function record(state: string, of: Partial<PartRecord>): PartRecord {
  return { operator: 'o', subtask: 0, state, group: -1, change: false, meta: null, batch: null, ...of }
}

function list(ids: readonly number[]): Batch {
  return new Batch(idSchema, [new Int32Column(Int32Array.from(ids))], ids.length)
}

/** Rows of an id and a number. */
function rows(state: string, change: boolean, of: Record<number, number>): PartRecord {
  const ids = Int32Array.from(Object.keys(of), Number)
  const numbers = Float64Array.from(Object.values(of))
  const batch = new Batch(rowSchema, [new Int32Column(ids), new DoubleColumn(numbers)], ids.length)
  return record(state, { group: MIXED_GROUPS, change, batch })
}

function shown(records: readonly PartRecord[]) {
  return records.map(({ state, change, meta, batch }) => [
    state,
    change,
    meta,
    batch === null ? null : Array.from({ length: batch.length }, (_, i) => batch.columns.map(c => c.get(i))),
  ])
}

const base = [
  record('cell', { batch: list([1]) }),
  record('', { meta: 6, batch: list([4, 5]) }),
  rows('', false, { 0: 10, 1: 11, 2: 12, 3: 13 }),
  rows('n', false, { 0: 1, 1: 2, 2: 3, 3: 4 }),
]

/** Key 1 was touched, 2 lost its id, 5 got one. */
const change = [
  record('cell', { batch: list([2]) }),
  record('', { change: true, meta: { highWater: 6, kept: 1 }, batch: list([2]) }),
  record('n', { change: true }),
  record('', { change: true, meta: 'touched', batch: list([1, 2, 5]) }),
  record('', { change: true, meta: 'keys', batch: list([2, 5]) }),
  rows('', true, { 5: 15 }),
  rows('n', true, { 1: 20, 5: 50 }),
]

test('what was touched is replaced, what was not stays', () => {
  expect(shown(mergedRecords([base, change]))).toEqual([
    ['', false, 6, [[4], [2]]],
    [
      '',
      false,
      null,
      [
        [0, 10],
        [1, 11],
        [3, 13],
      ],
    ],
    [
      'n',
      false,
      null,
      [
        [0, 1],
        [3, 4],
      ],
    ],
    ['cell', false, null, [[2]]],
    ['', false, null, [[5, 15]]],
    [
      'n',
      false,
      null,
      [
        [1, 20],
        [5, 50],
      ],
    ],
  ])
})

test('a key that is touched in two changes is as the last has it', () => {
  const second = [
    record('', { change: true, meta: { highWater: 7, kept: 0 }, batch: list([1]) }),
    record('n', { change: true }),
    record('', { change: true, meta: 'touched', batch: list([1, 6]) }),
    record('', { change: true, meta: 'keys', batch: list([1, 6]) }),
    rows('', true, { 6: 16 }),
  ]
  const merged = mergedRecords([base, change, second])
  expect(shown(merged)[0]).toEqual(['', false, 7, [[1]]])
  const all = (state: string) =>
    merged.flatMap(r => (r.state === state && r.group === MIXED_GROUPS ? [...(shown([r])[0]![3] as number[][])] : []))
  expect(all('n')).toEqual([
    [0, 1],
    [3, 4],
    [5, 50],
  ])
  expect(all('')).toEqual([
    [0, 10],
    [3, 13],
    [5, 15],
    [6, 16],
  ])
  expect(merged.some(({ state }) => state === 'cell')).toBe(false)
})

test('a file that changes nothing is all there is, whatever came before; subtasks are apart', () => {
  const other = { ...rows('n', false, { 7: 7 }), subtask: 1 }
  expect(mergedRecords([base, [...base.slice(1), other]])).toEqual([...base.slice(1), other])
  expect(mergedRecords([base, []])).toEqual([])
  expect(mergedRecords([])).toEqual([])
})

test('rows are sorted into the groups of their keys', () => {
  const more = rows('n', false, { 9: 9 })
  const sorted = sortedByGroup([...base, rows('', false, { 9: 19 }), more])
  const grouped = sorted.filter(({ group }) => group >= 0)
  expect(grouped.every(({ group }) => group < MIXED_GROUPS)).toBe(true)
  const groupOf = (state: string, id: number) =>
    grouped
      .filter(r => r.state === state && r.batch!.columns[0]!.kind === 'int32' && idsIn(r).includes(id))
      .map(r => r.group)
  for (const id of [0, 1, 2, 3, 9]) {
    expect(groupOf('n', id)).toHaveLength(1)
    expect(groupOf('n', id)).toEqual(groupOf('', id))
  }
  expect(shown(sorted.filter(({ group }) => group < 0))).toEqual(shown(base.slice(0, 2)))
})

function idsIn({ batch }: PartRecord): number[] {
  return Array.from({ length: batch!.length }, (_, i) => batch!.columns[0]!.get(i) as number)
}
