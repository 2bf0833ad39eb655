/** Rows with times and weights, on their way to other subtasks. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import type { StatePart } from '../../state/handle.ts'
import { keyedRows, rowsInTurn, rowsOfGroups } from './move-rows.ts'
import { MovedKeys } from './moved-keys.ts'

const schema = Schema.record([field('k', 'int32')])
const ints = (values: readonly number[]): Int32Column => new Int32Column(Int32Array.from(values))

/** Rows 10 times the subtask and on, with times of a hundredth, and weights of a thousand less that. */
function part(subtask: number, rows: number, timed = true): StatePart {
  const values = Array.from({ length: rows }, (_, i) => 10 * subtask + i)
  const times = timed ? Float64Array.from(values, v => v / 100) : null
  const batch = new Batch(
    schema,
    [ints(values)],
    rows,
    null,
    Int32Array.from(values, v => 1000 - v),
    times,
  )
  return { group: -1, meta: 'rows', batch }
}

const shown = (parts: readonly StatePart[]) => {
  const batch = parts.find(({ meta }) => meta === 'rows')?.batch
  if (batch == null) return []
  return Array.from({ length: batch.length }, (_, i) => [batch.get(0, i), batch.weight(i), batch.times?.[i]])
}
const told = (...values: number[]) => values.map(v => [v, 1000 - v, v / 100])

describe('rows without keys', () => {
  test('go round by former subtask, each whole and in order', () => {
    const state = [0, 1, 2].map(subtask => ({ subtask, parts: [part(subtask, 2)] }))
    expect(shown(rowsInTurn(state, 0, 2, schema))).toEqual(told(0, 1, 20, 21))
    expect(shown(rowsInTurn(state, 1, 2, schema))).toEqual(told(10, 11))
    expect(shown(rowsInTurn(state, 0, 1, schema))).toEqual(told(0, 1, 10, 11, 20, 21))
    expect(rowsInTurn(state, 3, 4, schema)).toEqual([])
    expect(rowsInTurn([{ subtask: 0, parts: [] }], 0, 1, schema)).toEqual([])
  })

  test('have times if all have', () => {
    const some = [
      { subtask: 0, parts: [part(0, 2)] },
      { subtask: 1, parts: [part(1, 1, false)] },
    ]
    expect(shown(rowsInTurn(some, 0, 1, schema))).toEqual([
      [0, 1000, undefined],
      [1, 999, undefined],
      [10, 990, undefined],
    ])
    const empty = [
      { subtask: 0, parts: [part(0, 2)] },
      { subtask: 1, parts: [part(1, 0, false)] },
    ]
    expect(shown(rowsInTurn(empty, 0, 1, schema))).toEqual(told(0, 1))
  })
})

test('rows by the group of their key: each once, with its time and weight', () => {
  const state = [0, 1].map(subtask => ({ subtask, parts: [part(subtask, 10)] }))
  const dealt = [0, 1, 2].map(subtask => shown(rowsOfGroups(state, [0], subtask, 3, schema)))
  const all = dealt.flat().sort(([a], [b]) => Number(a) - Number(b))
  expect(all).toEqual(told(...Array.from({ length: 20 }, (_, i) => i)))
  expect(dealt.filter(rows => rows.length > 1)).toHaveLength(3)
})

test('rows by key: those of keys that are here, with the ids these have now', () => {
  const index = (subtask: number, group: number): readonly StatePart[] => [
    { group: -1, meta: 3, batch: new Batch(schema, [ints([])], 0) },
    { group, meta: null, batch: new Batch(schema, [ints([2, 0]), ints([subtask, 7])], 2) },
  ]
  const keys = new MovedKeys(
    [
      { subtask: 0, parts: index(0, 100) },
      { subtask: 1, parts: index(1, 1) },
    ],
    0,
    1,
  )
  expect([keys.idOf(1, 2), keys.idOf(1, 0), keys.idOf(1, 1), keys.idOf(0, 2), keys.idOf(0, 0)]).toEqual([
    0, 1, -1, 2, 3,
  ])
  const ids = (values: readonly number[]): StatePart => {
    return { group: -1, meta: 'ids', batch: new Batch(schema, [ints(values)], values.length) }
  }
  const state = [
    { subtask: 0, parts: [part(0, 3), ids([2, 1, 0])] },
    { subtask: 1, parts: [part(1, 2), ids([0, 2])] },
  ]
  const moved = keyedRows(state, keys, schema)
  expect(shown(moved)).toEqual(told(0, 2, 10, 11))
  const of = moved.find(({ meta }) => meta === 'ids')!.batch!
  expect([of.length, ...Array.from({ length: 4 }, (_, i) => of.get(0, i))]).toEqual([4, 2, 3, 1, 0])
  expect(keyedRows([], keys, schema)).toEqual([])
})
