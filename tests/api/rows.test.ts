/** Steps of single rows do what plain arrays do, with a schema and without, at every batch size. */
import { type DataStream, environment, type Kind, literal, when } from '@millrace/api'
import { fromRows } from '@millrace/connectors'
import { int32, row, text } from '@millrace/runtime'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { type Flight, flights, setOf, setting, streamOf } from './flights.ts'

type Build = (all: DataStream<Flight>) => DataStream<unknown, Kind>

const cases: [string, Build, (rows: readonly Flight[]) => unknown[]][] = [
  ['map', all => all.map(f => f.delay * 2), rows => rows.map(f => f.delay * 2)],
  ['filter', all => all.filter(f => f.tail), rows => rows.filter(f => f.tail)],
  [
    'flatMap',
    all => all.flatMap(f => (f.delay > 0 ? [f.origin, f.tail] : [])),
    rows => rows.flatMap(f => (f.delay > 0 ? [f.origin, f.tail] : [])),
  ],
  [
    'flatMap of a generator',
    all =>
      all.flatMap(function* (f) {
        yield f.delay
        yield -f.delay
      }),
    rows => rows.flatMap(f => [f.delay, -f.delay]),
  ],
  [
    'where',
    all => all.where(c => c.delay.gt(0).and(c.origin.in(['SEA', 'ÄÖ☃']))),
    rows => rows.filter(f => f.delay > 0 && ['SEA', 'ÄÖ☃'].includes(f.origin)),
  ],
  ['where null', all => all.where(c => c.tail.ne('N1')), rows => rows.filter(f => f.tail !== null && f.tail !== 'N1')],
  [
    'select',
    all =>
      all.select(c => ({
        o: c.origin.lower(),
        h: c.delay.divide(4).floor(),
        v: when(c.delay.gt(0), 'late', 'ok'),
        one: literal(1),
      })),
    rows =>
      rows.map(f => ({
        o: f.origin.toLowerCase(),
        h: Math.floor(f.delay / 4),
        v: f.delay > 0 ? 'late' : 'ok',
        one: 1,
      })),
  ],
  ['pick', all => all.pick('tail', 'delay'), rows => rows.map(({ tail, delay }) => ({ tail, delay }))],
  ['omit', all => all.omit('tail', 'date'), rows => rows.map(({ delay, origin }) => ({ delay, origin }))],
  [
    'rename',
    all => all.rename({ tail: 'number' }),
    rows => rows.map(({ date, delay, origin, tail }) => ({ date, delay, origin, number: tail })),
  ],
  [
    'with',
    all => all.with(f => ({ delay: `${f.delay}`, odd: f.delay % 2 !== 0 })),
    rows => rows.map(f => ({ ...f, delay: `${f.delay}`, odd: f.delay % 2 !== 0 })),
  ],
  [
    'as columns',
    all => all.map(f => ({ n: f.delay, more: 1 })).as({ n: int32 }),
    rows => rows.map(f => ({ n: f.delay })),
  ],
  [
    'as a row',
    all => all.as(row({ delay: int32, origin: text })),
    rows => rows.map(({ delay, origin }) => ({ delay, origin })),
  ],
  [
    'as a validator',
    all => all.as(z.object({ origin: z.string().transform(s => s.length) })),
    rows => rows.map(f => ({ origin: f.origin.length })),
  ],
  [
    'as a validator that tells its types',
    all =>
      all
        .as(z.object({ origin: z.string().toLowerCase(), delay: z.number(), tail: z.unknown() }))
        .where(c => c.delay.gt(0)),
    rows => rows.filter(f => f.delay > 0).map(f => ({ origin: f.origin.toLowerCase(), delay: f.delay, tail: f.tail })),
  ],
  ['union', all => all.union(all.filter(f => f.delay > 0)), rows => [...rows, ...rows.filter(f => f.delay > 0)]],
]

it.each(cases)('%s', async (_, build, naive) => {
  await fc.assert(
    fc.asyncProperty(flights, setting, async (rows, how) => {
      const env = environment({ batchRows: how.batchRows })
      const given = await build(streamOf(env, rows, how)).collect()
      const expected = naive(rows)
      if (expected.length > 0 && build.toString().includes('union')) {
        const text = (all: readonly unknown[]) => all.map(one => JSON.stringify(one)).sort()
        expect(text(given)).toEqual(text(expected))
      } else expect(given).toEqual(expected)
    }),
    { numRuns: 15 },
  )
})

it('added columns that are declared keep the rest columnar', async () => {
  const env = environment()
  const rows = [{ date: 1, delay: 2, origin: 'SEA', tail: null }]
  const added = setOf(env, rows, { columnar: true, batchRows: 1 }).with(f => ({ twice: f.delay * 2 }), { twice: int32 })
  expect(await added.where(c => c.twice.eq(4)).collect()).toEqual([{ ...rows[0], twice: 4 }])
})

it('a value that does not fit what was declared fails the job, at the line that declared it', async () => {
  const declared = environment()
    .dataset(fromRows([{ n: 1 }, { n: 1.5 }]))
    .as({ n: int32 })
  await expect(declared.collect()).rejects.toMatchObject({
    code: expect.stringMatching(/INVALID_/),
    details: { site: { file: 'tests/api/rows.test.ts' } },
  })
  const validated = environment()
    .dataset(fromRows([{ n: 'x' }]))
    .as(z.object({ n: z.number() }))
  await expect(validated.collect()).rejects.toThrow(/^invalid row: n: /)
})

it('a validator keeps values as they are where columns would change them', async () => {
  const when = new Date(5)
  const validated = environment()
    .dataset(fromRows([{ n: null, when }, { when }]))
    .as(z.object({ n: z.string().nullish(), when: z.date() }))
  expect(await validated.map(r => [r.n === undefined, r.when.getTime()]).collect()).toEqual([
    [false, 5],
    [true, 5],
  ])
})
