/** Operators by key, over one exchange and over several. */
import { afterAll, beforeAll, expect } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { bag, type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runKilled('keyed.ts')
}, 120_000)
afterAll(() => scenarios.close())

equalGoldens(
  scenarios,
  () => outcomes,
  {
    count: 'select origin, count(*) as count from flights group by origin',
    several: `select origin, tail, count(*) as n, sum(delay)::double as sum, avg(delay) as mean, min(id) as least,
        max(date) as most from flights group by origin, tail`,
    byFunction: `select concat(origin, '/', coalesce(tail, 'null')) as key, count(*) as n
        from flights where delay > 0 group by key`,
    twice: `select tail, count(*) as origins, sum(n)::double as n
        from (select origin, tail, count(*) as n from flights group by origin, tail) group by tail`,
    reduced: 'select * from flights qualify row_number() over (partition by tail order by delay desc, id) = 1',
    distinct: 'select distinct origin, tail from flights',
    firstOf: 'select * from flights where file = 2 qualify row_number() over (partition by origin order by id) = 1',
    all: 'select count(*) as n, sum(delay)::double as sum, max(id) as last from flights',
    none: 'select 0 as n, null as sum',
    noGroups: 'select origin from flights where false',
    opaque: 'select id // 2 as half, sum(delay)::double as delay from flights group by half',
  },
  ['noGroups'],
)

eachParallelism(
  'rows of a key from one file keep their order',
  () => outcomes,
  async outcome => {
    const running = outcome.rows('running')
    const expected = await scenarios.sql('select id, file, origin from flights')
    expect(bag(running.map(({ id, file, origin }) => ({ id, file, origin })))).toEqual(bag(expected))
    const counts = new Map<unknown, number>()
    const last = new Map<string, number>()
    for (const { id, file, origin, rows } of running.sort((a, b) => Number(a.rows) - Number(b.rows))) {
      expect(rows).toBe((counts.get(origin) ?? 0) + 1)
      counts.set(origin, Number(rows))
      expect(last.get(`${origin} ${file}`) ?? -1).toBeLessThan(Number(id))
      last.set(`${origin} ${file}`, Number(id))
    }
  },
)
