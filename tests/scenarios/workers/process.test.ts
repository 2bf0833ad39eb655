/** A user's function by key, with its state, timers and side outputs. */
import { afterAll, beforeAll } from 'vitest'
import { equalGoldens } from './goldens.ts'
import { type Outcome, Scenarios } from './workshop.ts'

const scenarios = new Scenarios()
let outcomes: Outcome[]
beforeAll(async () => {
  await scenarios.open()
  outcomes = await scenarios.runKilled('process.ts')
}, 120_000)
afterAll(() => scenarios.close())

const quarters = `with quarter as (select distinct origin, (date // 900000) * 900000 + 900000 as time from flights)`

equalGoldens(scenarios, () => outcomes, {
  quarters: `${quarters}
    select origin, quarter.time, count(*) as rows, count(distinct tail) as tails
    from quarter join flights using (origin) where date < quarter.time group by origin, quarter.time`,
  long: 'select id, delay from flights where delay > 55',
  first: 'select distinct origin from flights',
  gaps: `select id, date - lag(date) over (partition by tail order by id) as gap from flights where file = 3`,
  lastQuarters: `${quarters} select origin, max(time) as time from quarter group by origin`,
})
