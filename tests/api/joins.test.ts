/** Joins with a DataSet do what nested loops do. */
import { type DataStream, environment, type Kind } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, text } from '@millrace/runtime'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Airport, airportsOf, type Flight, flights, known, setOf, setting, sorted, streamOf } from './flights.ts'

type Build = (all: DataStream<Flight>, airports: DataStream<Airport, 'bounded'>) => DataStream<unknown, Kind>

const partners = (f: Flight) => known.filter(a => a.iata === f.origin)
const orNone = (f: Flight) => (partners(f).length === 0 ? [{ iata: null, state: null }] : partners(f))

const cases: [string, Build, (rows: readonly Flight[]) => unknown[]][] = [
  [
    'inner',
    (all, airports) => all.join(airports, { on: ['origin', 'iata'] }),
    rows => rows.flatMap(f => partners(f).map(a => ({ ...f, ...a }))),
  ],
  [
    'left',
    (all, airports) => all.join(airports.as({ iata: text, state: text }), { on: ['origin', 'iata'], how: 'left' }),
    rows => rows.flatMap(f => orNone(f).map(a => ({ ...f, ...a }))),
  ],
  [
    'semi',
    (all, airports) => all.join(airports, { on: ['origin', 'iata'], how: 'semi' }),
    rows => rows.filter(f => partners(f).length > 0),
  ],
  [
    'anti',
    (all, airports) => all.join(airports, { on: ['origin', 'iata'], how: 'anti' }),
    rows => rows.filter(f => partners(f).length === 0),
  ],
  [
    'of a shared key, which stands once',
    (all, airports) => all.join(airports.rename({ iata: 'origin' }), { on: 'origin' }),
    rows => rows.flatMap(f => partners(f).map(({ state }) => ({ ...f, state }))),
  ],
  [
    'with a prefix',
    (all, airports) => all.join(airports.rename({ iata: 'origin' }), { on: 'origin', prefix: 'a_' }),
    rows => rows.flatMap(f => partners(f).map(a => ({ ...f, a_origin: a.iata, a_state: a.state }))),
  ],
  [
    'by several columns',
    (all, airports) =>
      all.join(
        airports.with(() => ({ number: 'N1' })),
        { on: { origin: 'iata', tail: 'number' } },
      ),
    rows => rows.filter(f => f.tail === 'N1').flatMap(f => partners(f).map(a => ({ ...f, ...a, number: 'N1' }))),
  ],
  [
    'by functions',
    (all, airports) =>
      all.join(airports, { on: [f => f.origin, a => a.iata], how: 'left' }, (f, a) => `${f.delay} ${a.state}`),
    rows => rows.flatMap(f => orNone(f).map(a => `${f.delay} ${a.state}`)),
  ],
]

it.each(cases)('%s', async (_, build, naive) => {
  await fc.assert(
    fc.asyncProperty(flights, setting, setting, async (rows, how, right) => {
      const env = environment({ batchRows: how.batchRows })
      const expected = sorted(naive(rows))
      expect(sorted(await build(streamOf(env, rows, how), airportsOf(env, right)).collect())).toEqual(expected)
      const set = setOf(env, rows, how) as unknown as DataStream<Flight>
      expect(sorted(await build(set, airportsOf(env, right)).collect())).toEqual(expected)
    }),
    { numRuns: 8 },
  )
})

it('a full join takes a shared key from the side that is there, whatever is declared', async () => {
  const env = environment()
  const left = [
    { k: 1, l: 'a' },
    { k: 2, l: 'b' },
  ]
  const right = [
    { k: 2, r: 'x' },
    { k: 3, r: 'y' },
  ]
  const expected = [
    { k: 1, l: 'a', r: null },
    { k: 2, l: 'b', r: 'x' },
    { k: 3, l: null, r: 'y' },
  ]
  const sides = { l: { k: int32, l: text }, r: { k: int32, r: text } }
  const lefts = [env.dataset(fromRows(left, sides.l)), env.dataset(fromRows(left)).as(sides.l)]
  const rights = [env.dataset(fromRows(right, sides.r)), env.dataset(fromRows(right)).as(sides.r)]
  for (const l of lefts)
    for (const r of rights) {
      const joined = l.join(r, { on: 'k', how: 'full' })
      expect((await joined.collect()).sort((a, b) => a.k! - b.k!)).toEqual(expected)
      const made = l.join(r, { on: [a => a.k, b => b.k], how: 'full' }, (a, b) => ({ k: a.k ?? b.k, l: a.l, r: b.r }))
      expect((await made.collect()).sort((a, b) => a.k! - b.k!)).toEqual(expected)
    }
})
