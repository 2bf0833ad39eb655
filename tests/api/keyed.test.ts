/** Steps by key and over whole collections do what plain arrays do. */
import { avg, count, type DataStream, environment, type Kind, max, min, sum } from '@millrace/api'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Flight, flights, groups, setOf, setting, sorted, streamOf } from './flights.ts'

type Build = (all: DataStream<Flight, 'bounded'>) => DataStream<unknown, Kind>

const byOrigin = (rows: readonly Flight[]) => [...groups(rows, f => f.origin)]
const present = (rows: readonly Flight[]) => rows.flatMap(f => (f.tail === null ? [] : [f.tail]))
const total = (rows: readonly Flight[]) => rows.reduce((n, f) => n + f.delay, 0)
const extreme = (values: readonly string[], last: boolean) => [...values].sort().at(last ? -1 : 0) ?? null

const cases: [string, Build, (rows: readonly Flight[]) => unknown[]][] = [
  [
    'count',
    all => all.keyBy('origin').count(),
    rows => byOrigin(rows).map(([origin, of]) => ({ origin, count: of.length })),
  ],
  [
    'count by two columns, one of which may be null',
    all => all.groupBy('origin', 'tail').count(),
    rows =>
      [...groups(rows, f => JSON.stringify([f.origin, f.tail])).values()].map(of => ({
        origin: of[0]!.origin,
        tail: of[0]!.tail,
        count: of.length,
      })),
  ],
  [
    'count by function',
    all => all.keyBy(f => f.delay > 0).count(),
    rows =>
      [...groups(rows, f => String(f.delay > 0)).values()].map(of => ({ key: of[0]!.delay > 0, count: of.length })),
  ],
  [
    'aggregate',
    all =>
      all.keyBy('origin').aggregate({ n: count(), s: sum('delay'), m: avg('delay'), lo: min('tail'), hi: max('tail') }),
    rows =>
      byOrigin(rows).map(([origin, of]) => ({
        origin,
        n: of.length,
        s: total(of),
        m: total(of) / of.length,
        lo: extreme(present(of), false),
        hi: extreme(present(of), true),
      })),
  ],
  [
    'aggregate of expressions',
    all => all.keyBy('origin').aggregate(c => ({ s: sum(c.delay.times(2).plus(1)) })),
    rows => byOrigin(rows).map(([origin, of]) => ({ origin, s: 2 * total(of) + of.length })),
  ],
  [
    'aggregate of all',
    all => all.aggregate({ n: count(), s: sum('delay'), hi: max('tail') }),
    rows => [{ n: rows.length, s: rows.length === 0 ? null : total(rows), hi: extreme(present(rows), true) }],
  ],
  [
    'reduce',
    all => all.keyBy('origin').reduce((a, b) => (b.delay > a.delay ? b : a)),
    rows => byOrigin(rows).map(([, of]) => of.reduce((a, b) => (b.delay > a.delay ? b : a))),
  ],
  [
    'scan',
    all =>
      all.keyBy('origin').scan(
        () => ({ o: '', sum: 0 }),
        (s, f) => ({ o: f.origin, sum: s.sum + f.delay }),
      ),
    rows => byOrigin(rows).flatMap(([o, of]) => of.map((_, i) => ({ o, sum: total(of.slice(0, i + 1)) }))),
  ],
  [
    'distinct',
    all => all.pick('origin', 'tail').distinct(),
    rows =>
      [...groups(rows, f => JSON.stringify([f.origin, f.tail])).values()].map(([f]) => ({
        origin: f!.origin,
        tail: f!.tail,
      })),
  ],
  ['distinct by', all => all.distinct('origin'), rows => byOrigin(rows).map(([, of]) => of[0])],
]

describe('by key', () => {
  it.each(cases)('%s', async (_, build, naive) => {
    await fc.assert(
      fc.asyncProperty(flights, setting, async (rows, how) => {
        const all = setOf(environment({ batchRows: how.batchRows }), rows, how)
        expect(sorted(await build(all).collect())).toEqual(sorted(naive(rows)))
      }),
      { numRuns: 15 },
    )
  })

  it('there is one aggregate of all rows even if there are none', async () => {
    for (const columnar of [true, false]) {
      const none = setOf(environment(), [], { columnar, batchRows: 1 })
      const all = none.aggregate({ n: count(), s: sum('delay'), m: avg('delay'), hi: max('tail') })
      expect(await all.collect()).toEqual([{ n: 0, s: null, m: null, hi: null }])
    }
  })

  it('a stream of changes adds up to the same', async () => {
    await fc.assert(
      fc.asyncProperty(flights, setting, async (rows, how) => {
        const env = environment({ batchRows: how.batchRows })
        const counts = streamOf(env, rows, how)
          .keyBy('origin')
          .aggregate({ n: count(), worst: max('delay') })
        const expected = byOrigin(rows).map(([origin, of]) => ({
          origin,
          n: of.length,
          worst: Math.max(...of.map(f => f.delay)),
        }))
        expect(sorted(await counts.collect())).toEqual(sorted(expected))
        const weights = new Map<string, number>()
        for await (const { row, weight } of counts)
          weights.set(JSON.stringify(row), (weights.get(JSON.stringify(row)) ?? 0) + weight)
        const left = [...weights].flatMap(([row, weight]) => Array<string>(weight).fill(row))
        expect(left.sort()).toEqual(sorted(expected))
      }),
      { numRuns: 15 },
    )
  })

  it('a running value of each row is appended, in the order of the rows of a key', async () => {
    const env = environment({ batchRows: 2 })
    const rows = [1, 2, 3, 4].map(delay => ({ date: 0, delay, origin: 'SEA', tail: null }))
    const running = streamOf(env, rows, { columnar: true, batchRows: 2 })
      .keyBy('origin')
      .scan(
        () => 0,
        (s, f) => s + f.delay,
      )
    const seen: number[] = []
    for await (const sum of running) seen.push(sum)
    expect(seen).toEqual([1, 3, 6, 10])
  })
})

describe('whole collections', () => {
  const order = (a: Flight, b: Flight) =>
    b.delay - a.delay || (a.tail === b.tail ? 0 : a.tail === null ? 1 : b.tail === null ? -1 : a.tail < b.tail ? -1 : 1)

  it('sort by expressions, nulls last, equal rows in their order', async () => {
    await fc.assert(
      fc.asyncProperty(flights, setting, async (rows, how) => {
        const all = setOf(environment({ batchRows: how.batchRows }), rows, how)
        expect(await all.sortBy(c => [c.delay.descending(), c.tail]).collect()).toEqual([...rows].sort(order))
        const bySomething = [...rows].sort((a, b) => a.date - b.date)
        expect(await all.sortBy('date').first(3).collect()).toEqual(bySomething.slice(0, 3))
      }),
      { numRuns: 15 },
    )
  })
  it('first takes as many as there are', async () => {
    const rows = [1, 2, 3].map(delay => ({ date: 0, delay, origin: 'SEA', tail: null }))
    const all = setOf(environment({ batchRows: 2 }), rows, { columnar: true, batchRows: 2 })
    expect(await all.first(0).collect()).toEqual([])
    expect(await all.first(2).collect()).toEqual(rows.slice(0, 2))
    expect(await all.first(9).collect()).toEqual(rows)
  })
})
