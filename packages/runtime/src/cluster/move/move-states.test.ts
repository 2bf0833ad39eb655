/** States of every kind that move from one layout to another and back, against a twin that has them by key in plain maps. */
import { AnyColumn, Batch, field, GROUP_SHIFT, hashRows, Int32Column, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PartRecord } from '../../checkpoint/part.ts'
import type { DistributedNode } from '../../lower/distribute.ts'
import { workerOfGroup } from '../../lower/worker-of-group.ts'
import { type OperatorSpec, operatorSpec } from '../../operator.ts'
import { closedBefore } from '../../operators/window-clock.ts'
import type { BroadcastState } from '../../state/broadcast.ts'
import type { CellState } from '../../state/cell.ts'
import type { ColumnsState } from '../../state/columns.ts'
import type { BroadcastDeclaration, OperatorListDeclaration } from '../../state/declaration.ts'
import type { KeyedValues } from '../../state/keyed-values.ts'
import type { OperatorList } from '../../state/operator-list.ts'
import { OperatorState } from '../../state/operator-state.ts'
import type { RequestsState } from '../../state/requests.ts'
import type { RowsState } from '../../state/rows.ts'
import type { SlicesState } from '../../state/slices.ts'
import type { TimersState } from '../../state/timers.ts'
import type { ListCells, MapCells, ValueCells } from '../../state/user-declarations.ts'
import { moveStates } from './move-states.ts'

const schema = Schema.record([field('k', 'int32'), field('n', 'int32')])
const number = [field('n', 'double')]
const ttl = { afterMs: 1e9, refresh: 'write' } as const

const spec = operatorSpec({
  label: 'test',
  inputs: [
    { schema, key: { columns: [0], missing: 'insert' } },
    { schema, key: { columns: [0], missing: 'insert' }, build: true },
  ],
  outputs: [],
  state: {
    columns: { kind: 'columns', fields: number },
    slices: { kind: 'slices', fields: number },
    rows: { kind: 'rows', schema, keyed: true },
    timers: { kind: 'timers' },
    kept: { kind: 'keyedValues' },
    values: { kind: 'values' },
    typed: { kind: 'values', schema: Schema.record([field('n', 'int32', true), field('t', 'text')]), ttl },
    lists: { kind: 'lists', ttl },
    maps: { kind: 'maps', ttl },
    greatest: { kind: 'cell', initial: () => 0, move: (former: readonly number[]) => Math.max(...former) },
    rules: { kind: 'broadcast' } as BroadcastDeclaration<string, number>,
    dealt: { kind: 'operatorList' } as OperatorListDeclaration<number>,
    asked: { kind: 'requests' },
  },
  create: () => ({ process() {} }),
}) as OperatorSpec

interface Handles {
  readonly columns: ColumnsState
  readonly slices: SlicesState
  readonly rows: RowsState
  readonly timers: TimersState
  readonly kept: KeyedValues
  readonly values: ValueCells
  readonly typed: ValueCells
  readonly lists: ListCells
  readonly maps: MapCells
  readonly greatest: CellState<number>
  readonly rules: BroadcastState<string, number>
  readonly dealt: OperatorList<number>
  readonly asked: RequestsState
}

const handlesOf = (state: OperatorState): Handles => state.handles as unknown as Handles

function node(columns: readonly number[] = [0]): DistributedNode {
  const input = { edge: { from: 0, port: 0 }, exchange: { kind: 'hash', columns } } as const
  const operator = { kind: 'operator', id: 'test', named: true, spec, inputs: [] } as const
  return { node: operator, place: 'workers', inputs: [input, input] }
}

const rowsOf = (rows: readonly (readonly [number, number])[]): Batch =>
  new Batch(
    schema,
    [0, 1].map(c => new Int32Column(Int32Array.from(rows, row => row[c]))),
    rows.length,
  )

function workerOf(key: number, workers: number): number {
  const hashes = new Int32Array(1)
  hashRows([new Int32Column(Int32Array.of(key))], null, 1, hashes)
  return workerOfGroup(hashes[0] >>> GROUP_SHIFT, workers)
}

interface Act {
  readonly kind: string
  readonly key: number
  readonly n: number
}

type Content = Record<string, unknown>

/** What each key has, in plain maps. */
class Twin {
  readonly keys = new Map<number, Content>()
  apply({ kind, key, n }: Act): void {
    const of = (this.keys.get(key) ?? {}) as Record<string, never>
    this.keys.set(key, of)
    const list = (name: string): unknown[] => (of[name] ??= [] as never)
    if (kind === 'clear')
      for (const name of ['columns', 'kept', 'values', 'typed', 'lists', 'maps', 'timers']) delete of[name]
    else if (kind === 'slices') (of.slices ??= {} as never)[n % 3] = n as never
    else if (kind === 'rows' || kind === 'lists') list(kind).push(n)
    else if (kind === 'timers')
      of.timers = [...new Set([...list('timers'), n])].sort((a, b) => Number(a) - Number(b)) as never
    else if (kind === 'maps') (of.maps ??= {} as never)[n % 4] = n as never
    else of[kind] = (kind === 'typed' ? { n: n % 2 === 0 ? null : n, t: `${n}` } : n) as never
    if (Object.keys(of).length === 0) this.keys.delete(key)
  }
}

function apply(state: OperatorState, { kind, key, n }: Act): void {
  const batch = rowsOf([[key, n]])
  const ids = state.resolve(batch, spec.inputs[0], new Int32Array(1))
  const [id] = ids
  const h = handlesOf(state)
  const capacity = state.index!.capacity
  if (kind === 'clear') {
    h.columns.clear(id)
    for (const values of [h.kept, h.values, h.typed]) values.set(id, undefined)
    h.lists.set(id, [])
    h.maps.clear(id)
    for (let t = 0; t < 100; t++) h.timers.cancel(id, t)
  } else if (kind === 'columns') {
    h.columns.ensure(capacity)
    h.columns.present[id] = 1
    h.columns.arrays[0][id] = n as never
  } else if (kind === 'slices') addToSlice(h.slices, n % 3, id, n, capacity)
  else if (kind === 'rows') h.rows.append(batch, ids)
  else if (kind === 'timers') h.timers.set(id, n)
  else if (kind === 'lists') h.lists.add(id, n)
  else if (kind === 'maps') h.maps.set(id, n % 4, n)
  else if (kind === 'typed') h.typed.set(id, { n: n % 2 === 0 ? null : n, t: `${n}` })
  else (kind === 'kept' ? h.kept : h.values).set(id, n)
  h.greatest.value = Math.max(h.greatest.value, n)
  state.settleBatch(ids, 1)
}

function addToSlice(slices: SlicesState, start: number, id: number, n: number, capacity: number): void {
  const slice = slices.at(start, capacity)
  const before = slice.size
  if (slice.present[id] === 0) slice.touched[slice.size++] = id
  slice.present[id] = 1
  slice.arrays[0][id] = n as never
  slices.touched(slice, before)
}

function contentOf(states: readonly OperatorState[]): Map<number, Content> {
  const keys = new Map<number, Content>()
  for (const [subtask, state] of states.entries()) {
    const h = handlesOf(state)
    const index = state.index!
    for (let id = 0; id < index.highWater; id++) {
      if (!index.isLive(id)) continue
      const key = index.gather(Int32Array.of(id), 1)[0].get(0) as number
      expect(workerOf(key, states.length)).toBe(subtask)
      expect(keys.has(key)).toBe(false)
      keys.set(key, keyContent(h, id))
    }
    for (const due = h.timers; ; ) {
      const timer = due.take(1e9)
      if (timer === undefined) break
      const of = keys.get(index.gather(Int32Array.of(timer.id), 1)[0].get(0) as number)!
      of.timers = [...((of.timers as number[]) ?? []), timer.timeMs]
    }
  }
  return keys
}

function keyContent(h: Handles, id: number): Content {
  const content: Content = {}
  const put = (name: string, value: unknown): void => {
    if (value !== undefined) content[name] = value
  }
  put('columns', h.columns.holds(id) ? h.columns.arrays[0][id] : undefined)
  for (const start of h.slices.starts()) {
    const slice = h.slices.get(start)!
    if (slice.present[id] === 1) put('slices', { ...(content.slices as object), [start]: slice.arrays[0][id] })
  }
  const rows: number[] = []
  for (let row = h.rows.holds(id) ? h.rows.head[id] : -1; row >= 0; row = h.rows.next[row])
    rows.push(h.rows.all().get(1, row) as number)
  put('rows', rows.length > 0 ? rows : undefined)
  put('kept', h.kept.get(id))
  put('values', h.values.get(id))
  put('typed', h.typed.get(id))
  const list = h.lists.get(id)
  put('lists', list === undefined ? undefined : [...list])
  if (h.maps.size(id) > 0) put('maps', Object.fromEntries(h.maps.entries(id) as Iterable<[string, unknown]>))
  return content
}

function recordsOf(states: readonly OperatorState[]): PartRecord[] {
  return states.flatMap((of, subtask) =>
    [...copySnapshot(of.snapshot())].flatMap(([state, parts]) =>
      parts.map(part => ({ operator: 'test', subtask, state, change: false, ...part })),
    ),
  )
}

function moved(records: readonly PartRecord[], formerly: number, subtasks: number): OperatorState[] {
  return Array.from({ length: subtasks }, (_, subtask) => {
    const move = { subtask, subtasks, formerly, splits: undefined, tellsSplits: false }
    const state = new OperatorState(spec)
    state.restore(moveStates(node(), records, move))
    return state
  })
}

const kinds = ['columns', 'slices', 'rows', 'timers', 'kept', 'values', 'typed', 'lists', 'maps', 'clear']
const acts = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    key: fc.integer({ min: 0, max: 30 }),
    n: fc.integer({ min: 0, max: 99 }),
  }),
  { maxLength: 120, size: 'max' },
)
const workers = fc.integer({ min: 1, max: 5 })

describe('states that move', () => {
  it('have what every key had, in any layout, and go on from there', () => {
    fc.assert(
      fc.property(acts, acts, fc.array(workers, { minLength: 2, maxLength: 4 }), (before, after, layouts) => {
        const twin = new Twin()
        let states = moved([], 1, layouts[0])
        const act = (each: Act): void => {
          twin.apply(each)
          apply(states[workerOf(each.key, states.length)], each)
        }
        before.forEach(act)
        for (const [i, subtasks] of layouts.slice(1).entries()) {
          states = moved(recordsOf(states), layouts[i], subtasks)
          after.forEach(act)
        }
        expect(contentOf(states)).toEqual(twin.keys)
        const greatest = Math.max(0, ...[...before, ...after].map(({ n }) => n))
        expect(Math.max(...states.map(of => handlesOf(of).greatest.value))).toBe(greatest)
      }),
      { numRuns: 80 },
    )
  })

  it('depend on the checkpoint and the layout alone', () => {
    fc.assert(
      fc.property(acts, workers, workers, (all, from, to) => {
        const states = moved([], 1, from)
        for (const act of all) apply(states[workerOf(act.key, from)], act)
        const records = recordsOf(states)
        const once = recordsOf(moved(records, from, to))
        expect(recordsOf(moved([...records].reverse(), from, to))).toEqual(once)
        // Ids are given out by group, so that there and back again is the same too.
        const again = recordsOf(moved(once, to, 1))
        expect(recordsOf(moved(recordsOf(moved(again, 1, to)), to, 1))).toEqual(again)
      }),
      { numRuns: 40 },
    )
  })

  it('without keys: broadcast is everywhere, lists are dealt out, and nothing is lost', () => {
    const states = moved([], 1, 3)
    for (const [i, of] of states.entries()) {
      handlesOf(of).rules.set('a', 1)
      for (let n = 0; n < i; n++) handlesOf(of).dealt.add(10 * i + n)
    }
    const after = moved(recordsOf(states), 3, 2).map(handlesOf)
    expect(after.map(h => [...h.rules.entries()])).toEqual([[['a', 1]], [['a', 1]]])
    expect(after.flatMap(h => h.dealt.get()).sort()).toEqual([10, 20, 21])
  })

  it('rows for which something is asked are dealt out, and every subtask hears that their marks are gone', () => {
    const states = moved([], 1, 2)
    for (const [i, of] of states.entries()) {
      const { asked } = handlesOf(of)
      for (let n = 0; n < 2 * i + 1; n++) asked.add(10 * i + n, n)
      asked.mark(7)
    }
    const rows = (of: RequestsState) => [...of].map(item => ('row' in item ? [item.row, item.time] : item.time))
    for (const subtasks of [1, 3, 6]) {
      const after = moved(recordsOf(states), 2, subtasks).map(of => handlesOf(of).asked)
      expect(after.map(of => of.marksLost)).toEqual(after.map(() => true))
      expect(after.flatMap(rows).sort()).toEqual([
        [0, 0],
        [10, 0],
        [11, 1],
        [12, 2],
      ])
    }
    expect(handlesOf(moved([], 1, 1)[0]).asked.marksLost).toBe(false)
  })

  it('rows that wait for a join go where their keys are, without what came between them', () => {
    const kept = moved([], 1, 2).map((of, subtask) => {
      const rows = of.handles['kept:0'] as RowsState | undefined
      expect(rows).toBeUndefined() // the vertex declares it
      return { subtask, rows: rowsOf([1, 2, 3, 4, 5, 6].map(k => [k + 10 * subtask, subtask])) }
    })
    const records = kept.map(({ subtask, rows }): PartRecord => {
      return { operator: 'test', subtask, state: 'kept:0', group: -1, change: false, meta: 'rows', batch: rows }
    })
    const found = [0, 1, 2].map(subtask => {
      const states = moveStates(node(), records, {
        subtask,
        subtasks: 3,
        formerly: 2,
        splits: undefined,
        tellsSplits: false,
      })
      const batch = states.get('kept:0')![0]?.batch
      const log = states.get('between:0')![0]?.batch?.get(0, 0) as { values: number[] } | undefined
      expect(log?.values ?? []).toEqual(batch === undefined ? [] : [batch!.length])
      const keys = batch == null ? [] : Array.from({ length: batch.length }, (_, i) => batch.get(0, i) as number)
      for (const key of keys) expect(workerOf(key, 3)).toBe(subtask)
      return keys
    })
    expect(found.flat().sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16])
    const move = { subtask: 0, subtasks: 3, formerly: 2, splits: undefined, tellsSplits: true }
    expect(() => moveStates(node(), records, move)).toThrow(/rows wait for the right side of a join/)
  })
})

describe('what no key tells apart', () => {
  const move = (subtask: number, subtasks: number, formerly: number) => ({
    ...{ subtask, subtasks, formerly, splits: undefined, tellsSplits: false },
  })

  it('writers of sinks are dealt round, unless they are as many as before', () => {
    const sink = { node: { kind: 'sink', id: 'test', named: false }, place: 'workers', inputs: [] } as unknown
    const records = [2, 0, 1].map((subtask): PartRecord => {
      return { operator: 'test', subtask, state: 'writer', group: -1, change: false, meta: subtask, batch: null }
    })
    const dealt = (subtasks: number) =>
      Array.from({ length: subtasks }, (_, subtask) =>
        moveStates(sink as DistributedNode, records, move(subtask, subtasks, 3))
          .get('writer')!
          .map(({ meta }) => meta),
      )
    expect(dealt(1)).toEqual([[0, 1, 2]])
    expect(dealt(2)).toEqual([[0, 2], [1]])
    expect(dealt(3)).toEqual([[0], [1], [2]])
    expect(dealt(4)).toEqual([[0], [1], [2], []])
  })

  it('keys that every subtask has stay with every subtask, from one that had not come to its end', () => {
    const of = node()
    const everywhere = { ...of, inputs: of.inputs.map(i => ({ ...i, exchange: { kind: 'broadcast' } as const })) }
    const states = moved([], 1, 1)
    for (let key = 0; key < 20; key++) for (const kind of ['columns', 'rows']) apply(states[0], { kind, key, n: key })
    const one = recordsOf(states)
    const records = [1, 2].flatMap(subtask => one.map(record => ({ ...record, subtask })))
    for (const subtasks of [1, 2, 4])
      for (let subtask = 0; subtask < subtasks; subtask++) {
        const after = new OperatorState(spec)
        after.restore(moveStates(everywhere, records, move(subtask, subtasks, 3)))
        expect(contentOf([after]).size).toBe(20)
      }
  })

  it('keys are divided where the rows are, though another side goes everywhere', () => {
    const of = node()
    const [first, second] = of.inputs
    const beside = { ...of, inputs: [first, { ...second, exchange: { kind: 'broadcast' } as const }] }
    const states = moved([], 1, 1)
    for (let key = 0; key < 20; key++) for (const kind of ['columns', 'rows']) apply(states[0], { kind, key, n: key })
    const after = [0, 1, 2].map(subtask => {
      const state = new OperatorState(spec)
      state.restore(moveStates(beside, recordsOf(states), move(subtask, 3, 1)))
      return state
    })
    expect(contentOf(after).size).toBe(20)
  })

  it('the sweep for what has expired begins anew, and time does not go back', () => {
    const records = [5, 9, 7].map((now, subtask): PartRecord => {
      return {
        operator: 'test',
        subtask,
        state: 'sweep',
        group: -1,
        change: false,
        meta: { next: 3, now },
        batch: null,
      }
    })
    expect(moveStates(node(), records, move(0, 2, 3)).get('sweep')).toEqual([
      { group: -1, meta: { next: 0, now: 9 }, batch: null },
    ])
  })

  it('a cell that says nothing of how it moves stays where it was, or is an error', () => {
    const declared = operatorSpec({ ...spec, inputs: [], state: { cell: { kind: 'cell', initial: () => 0 } } })
    const operator = { kind: 'operator', id: 'test', named: true, spec: declared, inputs: [] } as const
    const of: DistributedNode = { node: operator, place: 'one', inputs: [] }
    const cellOf = (subtask: number): PartRecord => ({
      ...{ operator: 'test', subtask, state: 'cell', group: -1, change: false, meta: null },
      batch: new Batch(Schema.opaque, [new AnyColumn([subtask + 5])], 1),
    })
    expect(
      moveStates(of, [cellOf(0)], move(0, 1, 1))
        .get('cell')![0]
        .batch!.get(0, 0),
    ).toBe(5)
    expect(() => moveStates(of, [cellOf(0), cellOf(1)], move(0, 1, 2))).toThrow('missing move of state "cell"')
    expect(() => moveStates(of, [cellOf(0)], move(0, 2, 1))).toThrow('missing move of state "cell"')
    expect(moveStates(of, [], move(0, 2, 1)).size).toBe(0)
  })
})

it('windows that some had closed and others had not are refused', () => {
  expect(closedBefore([5, 5, 5])).toBe(5)
  expect(() => closedBefore([5, 6])).toThrow(MillraceError)
})
