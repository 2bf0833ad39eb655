/** Steps of single rows, unions, order and first rows; files of every format, whole and in folders. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { queries, sorted } from './queries/rows.ts'
import { bag, type Row, sequence } from './results.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
let splits: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runAllWays('rows.ts')
  splits = await scenarios.run('splits.ts')
}, 120_000)
afterAll(() => scenarios.close())

describe('rows', () => {
  equalGoldens(scenarios, () => outcomes, queries)

  const ordered: Record<string, string> = {
    sorted,
    firstSorted: `${sorted} limit 1500`,
    behindSort: `select id from (${sorted}) where id % 2 = 1 order by delay desc, id`,
    sortedAgain: 'select distinct origin from flights order by origin',
    oneSplit: 'select id from flights where file = 2 and delay <> 0 order by id',
    firstOfOne: 'select id from flights where file = 2 order by id limit 700',
  }
  it.each(Object.entries(ordered))('%s: in order', async (name, sql) => {
    const expected = sequence(await scenarios.sql(sql))
    for (const outcome of outcomes) expect(sequence(outcome.rows(name))).toEqual(expected)
  })

  eachParallelism(
    'rows of one file keep their order in one file',
    () => outcomes,
    outcome => {
      const last = new Map<unknown, number>()
      for (const { id, file } of outcome.rows('files')) {
        expect(last.get(file) ?? -1).toBeLessThan(Number(id))
        last.set(file, Number(id))
      }
    },
  )

  eachParallelism(
    'the first rows are some of them, so many',
    () => outcomes,
    outcome => {
      const ids = new Set(outcome.rows('first').map(({ id }) => id))
      expect(ids.size).toBe(2000)
      expect([...ids].every(id => Number(id) >= 0 && Number(id) < 6500)).toBe(true)
    },
  )

  eachParallelism(
    'folders of parts',
    () => outcomes,
    async outcome => {
      const expected = bag(await scenarios.sql('select id, delay from flights'))
      expect(bag(await scenarios.sql(`select id, delay from read_parquet('${outcome.path('parquet')}/*')`))).toEqual(
        expected,
      )
      expect(
        bag(await scenarios.sql(`select id::int as id, delay::int as delay from read_csv('${outcome.path('csv')}/*')`)),
      ).toEqual(expected)
      const file = await scenarios.sql(
        `select id::int as id, delay::int as delay from read_csv('${outcome.path('sorted.csv')}')`,
      )
      expect(sequence(file)).toEqual(sequence(await scenarios.sql(sorted)))
    },
  )
})

describe('splits', () => {
  const numbers = 'select i.generate_series as id from generate_series(0, 2999) i'
  const named = `(select id, 'n' || (id % 13) as name from (${numbers}))`
  const none = 'select id from flights where false'
  const of = (source: string, empty: boolean): Record<string, string> => ({
    [`${source}-keyed`]: empty
      ? none
      : `select name, count(*) as n, sum(id)::double as sum from ${named} group by name`,
    [`${source}-all`]: empty ? 'select 0 as n' : 'select 3000 as n',
    [`${source}-mapped`]: empty ? none : `select id + 1 as id from ${named}`,
  })
  const full = ['one', 'two', 'five', 'opaque', 'generated', 'perWorker']
  const goldens = {
    ...Object.assign({}, ...full.map(name => of(name, false)), of('none', true), of('noRows', true)),
    windows: `select name, (id * 1000 // 600000) * 600000 as windowStart, windowStart + 600000 as windowEnd, count(*) as n
        from ${named} group by name, windowStart`,
    emptyWindows: none,
    emptyRight: 'select id from flights',
    emptyLeft: 'select id, delay from flights',
    withEmpty: numbers,
  }
  const empty = ['none-keyed', 'none-mapped', 'noRows-keyed', 'noRows-mapped', 'emptyWindows']
  equalGoldens(scenarios, () => splits, goldens, empty)

  eachParallelism(
    'a folder of nothing',
    () => splits,
    outcome => {
      const rows: Row[] = outcome.rows('emptyFolder')
      expect(rows).toEqual([])
    },
  )
})
