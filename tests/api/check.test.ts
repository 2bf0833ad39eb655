/** `check`: a function that changes what it is given fails, at the line that called the operator, and only then. */
import { type DataStream, environment, type Kind, reducing, tumbling, type } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, setMode, text } from '@millrace/runtime'
import { afterEach, describe, expect, it } from 'vitest'

interface Row {
  k: string
  n: number
}
const rows = (): Row[] => [
  { k: 'a', n: 1 },
  { k: 'b', n: 2 },
  { k: 'a', n: 3 },
]
type Build = (all: DataStream<Row, 'bounded'>) => DataStream<unknown, Kind>

function change<T>(row: T): T {
  ;(row as { n: number }).n++
  return row
}
const sum = (a: Row, b: Row): Row => ({ ...a, n: a.n + b.n })
const adding = (a: Row, b: Row): Row => {
  a.n += b.n
  return a
}
const cases: [string, Build][] = [
  ['map', all => all.map(change)],
  ['filter', all => all.filter(r => change(r).n > 1)],
  ['flatMap', all => all.flatMap(r => [change(r)])],
  [
    'flatMap of a generator',
    all =>
      all.flatMap(function* (r) {
        yield change(r)
      }),
  ],
  ['with', all => all.with(r => ({ m: change(r).n }))],
  ['eventTime', all => all.eventTime(r => change(r).n)],
  ['a key', all => all.groupBy(r => change(r).k).count()],
  ['reduce', all => all.groupBy('k').reduce(adding)],
  ['reduce of its second row', all => all.groupBy('k').reduce((a, b) => sum(a, change(b)))],
  ['scan', all => all.keyBy('k').scan(() => ({ n: 0, k: '' }), adding)],
  ['process', all => all.keyBy('k').process({ emits: type<Row>(), onElement: (row, { emit }) => emit(change(row)) })],
  [
    'reducing state',
    all =>
      all.keyBy('k').process({
        emits: type<Row>(),
        state: { folded: reducing(adding) },
        onElement(row, { state, emit }) {
          state.folded.add({ ...row })
          emit(row)
        },
      }),
  ],
  [
    'a window reduced',
    all =>
      all
        .eventTime(r => r.n)
        .keyBy('k')
        .window(tumbling(10))
        .reduce(adding),
  ],
  [
    'a function of a window',
    all =>
      all
        .eventTime(r => r.n)
        .keyBy('k')
        .window(tumbling(10))
        .apply(list => list.map(change)),
  ],
  ['join', all => all.join(all, { on: [l => l.k, r => r.k] }, (left, right) => ({ n: change(left).n + right.n }))],
  [
    'join of the other side',
    all => all.join(all, { on: [l => l.k, r => r.k] }, (left, right) => ({ n: left.n + change(right).n })),
  ],
]

afterEach(() => setMode(undefined))

describe.each([
  ['columns', () => fromRows(rows(), { k: text, n: int32 })],
  ['objects', () => fromRows(rows())],
])('a change of %s', (_, source) => {
  it.each(cases)('is found in %s', async (_, build) => {
    const checking = environment({ check: true }).dataset(source())
    await expect(build(checking as DataStream<Row, 'bounded'>).collect()).rejects.toMatchObject({
      code: 'USER_FUNCTION',
      message: expect.stringContaining("invalid change of a row: Cannot assign to read only property 'n'"),
      hint: expect.stringContaining('return a new one'),
      details: { site: { file: 'tests/api/check.test.ts' } },
    })
  })
  it('is not looked for unless asked', async () => {
    const given = environment().dataset(source()) as DataStream<Row, 'bounded'>
    expect(await given.map(change).collect()).toEqual([2, 3, 4].map((n, i) => ({ ...rows()[i], n })))
    setMode({ check: true, running: 0 })
    await expect(given.map(change).collect()).rejects.toThrow('invalid change of a row')
    const off = environment({ check: false }).dataset(source()) as DataStream<Row, 'bounded'>
    expect(await off.map(change).collect()).toHaveLength(3)
  })
})

describe('what may be changed', () => {
  const all = () => environment({ check: true }).dataset(fromRows(rows()))

  it('is what a function made itself', async () => {
    const made = all().map(r => change({ ...r }))
    expect(await made.collect()).toEqual(rows().map(change))
  })
  it('is nothing that other errors speak of', async () => {
    const failing = all().map(() => (undefined as unknown as Row).n)
    await expect(failing.collect()).rejects.toMatchObject({ code: 'USER_FUNCTION', hint: undefined })
  })
})
