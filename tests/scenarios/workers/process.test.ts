/** A user's function by key, with its state, timers and side outputs. */
import { afterAll, beforeAll } from 'vitest'
import { equalGoldens } from './goldens.ts'
import { queries } from './queries/process.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runAllWays('process.ts')
}, 120_000)
afterAll(() => scenarios.close())

equalGoldens(scenarios, () => outcomes, queries)
