/** Joins that would wait for each other for ever, if none of them took in what comes too early. */
import { afterAll, beforeAll, expect } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { integral } from './results.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.run('waits.ts')
}, 120_000)
afterAll(() => scenarios.close())

const ones = '(select i as key from range(200000) t(i))'
const threes = '(select 3 * i as key from range(200000) t(i))'
const among = (rows: string, others: string) => `from ${rows} where key in ${others}`

equalGoldens(scenarios, () => outcomes, {
  forth: `select count(*) as rows ${among(ones, threes)}`,
  back: `select count(*) as rows from ${threes} where key not in ${ones}`,
  broadcast: `select count(*) as rows ${among(ones, threes)}`,
  itself: `select count(*) + 200000 as rows ${among(threes, ones)}`,
})

eachParallelism(
  'changes behind a union that waits for a join',
  () => outcomes,
  async outcome => {
    const expected = await scenarios.sql(`select key % 4 as key, count(*) as count
    from (select key from ${ones} union all select key ${among(threes, ones)}) group by 1`)
    expect(integral(outcome.rows('counts'))).toEqual(integral(expected.map(row => ({ ...row, weight: 1 }))))
  },
)
