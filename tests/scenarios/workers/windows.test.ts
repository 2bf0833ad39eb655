/** Windows of event time, over splits that are read at their own pace. */
import { afterAll, beforeAll, expect } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { queries } from './queries/windows.ts'
import { bag, type Row } from './results.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
let late: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runAllWays('windows.ts')
  late = await scenarios.run('late.ts')
}, 120_000)
afterAll(() => scenarios.close())

equalGoldens(scenarios, () => outcomes, queries, ['tumblingLate'])

const total = (rows: readonly Row[]) => rows.reduce((sum, { n }) => sum + Number(n), 0)

eachParallelism(
  'rows are counted or late',
  () => late,
  async outcome => {
    const [{ n }] = await scenarios.sql('select count(*)::double as n from flights where file = 1')
    for (const name of ['windows', 'twice'])
      expect(total(outcome.rows(name)) + outcome.rows(`${name}Late`).length).toBe(n)
  },
)

eachParallelism(
  'no more rows are late than at parallelism 1',
  () => late,
  outcome => {
    for (const name of ['windowsLate', 'twiceLate']) {
      const known = new Set(bag(late[0].rows(name)))
      expect(known.size).toBeGreaterThan(0)
      for (const row of bag(outcome.rows(name))) expect(known).toContain(row)
    }
  },
)
