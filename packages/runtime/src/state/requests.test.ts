import { describe, expect, test } from 'vitest'
import { Mark, Request, RequestsState } from './requests.ts'

function shown(state: RequestsState): unknown[] {
  return [...state].map(item => (item instanceof Mark ? `mark ${item.time}` : [item.row, item.time]))
}

function filled(): { state: RequestsState; rows: Request[] } {
  const state = new RequestsState()
  const rows = [state.add('a', 1), state.add('b', 2)]
  state.mark(2)
  rows.push(state.add({ c: 3 }, undefined))
  state.mark(null)
  return { state, rows }
}

const restored = (state: RequestsState): RequestsState => {
  const other = new RequestsState()
  other.restore(state.snapshot())
  return other
}

describe('requests', () => {
  test('leave wherever they stand; marks and rows keep their order', () => {
    const { state, rows } = filled()
    state.remove(rows[0]!)
    expect(shown(state)).toEqual([['b', 2], 'mark 2', [{ c: 3 }, undefined], 'mark null'])
    state.remove(rows[2]!)
    expect(state.size).toBe(1)
    state.remove(rows[1]!)
    expect([state.size, shown(state)]).toEqual([0, ['mark 2', 'mark null']])
    for (let first = state.first; first !== undefined; first = state.first) state.remove(first)
    state.add('d', 4)
    expect(shown(state)).toEqual([['d', 4]])
  })

  test('are of the segment between two marks', () => {
    const { state, rows } = filled()
    expect([state.segment, ...rows.map(row => row.segment)]).toEqual([0, 0, 0, 1])
    state.remove(rows[0]!)
    state.remove(rows[1]!)
    state.remove(state.first!)
    expect(state.segment).toBe(1)
  })

  test('of two watermarks with nothing between them only the later one stands', () => {
    const state = new RequestsState()
    state.add('a', 1)
    state.mark(5)
    state.mark(7)
    state.mark(null)
    state.mark(7)
    expect(shown(state)).toEqual([['a', 1], 'mark 7', 'mark null', 'mark 7'])
  })

  test('are restored with their marks, and without answers', () => {
    const { state, rows } = filled()
    rows[1]!.answered = true
    rows[1]!.answer = 'an answer'
    state.mark(Number.POSITIVE_INFINITY)
    state.remove(rows[0]!)
    const other = restored(state)
    expect(shown(other)).toEqual(shown(state))
    expect(other.marksLost).toBe(false)
    expect([...other].filter(item => item instanceof Request).map(({ answered }) => answered)).toEqual([false, false])
    expect(other.snapshot()).toEqual(state.snapshot())
  })

  test('an empty one is restored as one', () => {
    expect(shown(restored(new RequestsState()))).toEqual([])
  })
})
