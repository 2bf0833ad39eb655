/** Joins of all kinds: of two sources, of one with itself, of keys of two types. */
import { afterAll, beforeAll, expect } from 'vitest'
import { eachParallelism, equalGoldens } from './goldens.ts'
import { queries } from './queries/joins.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runAllWays('joins.ts')
}, 120_000)
afterAll(() => scenarios.close())

equalGoldens(scenarios, () => outcomes, queries)

eachParallelism(
  'a broadcast leaves rows of the left where and in what order they are',
  () => outcomes,
  outcome => {
    const ids = outcome.rows('broadcastSorted').map(({ id }) => Number(id))
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
  },
)
