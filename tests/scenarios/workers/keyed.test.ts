/** Operators by key, over one exchange and over several. */
import { afterAll, beforeAll, expect } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { queries } from './queries/keyed.ts'
import { bag } from './results.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runAllWays('keyed.ts')
}, 120_000)
afterAll(() => scenarios.close())

equalGoldens(scenarios, () => outcomes, queries, ['noGroups'])

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
