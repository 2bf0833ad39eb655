/** What `programs/windows.ts` has to write, as SQL over the tables. */
const MINUTE_MS = 60_000
const tumbling = (minutes: number, date = 'date') => `(${date} // ${minutes * MINUTE_MS}) * ${minutes * MINUTE_MS}`
const window = (minutes: number, date = 'date') =>
  `${tumbling(minutes, date)} as windowStart, windowStart + ${minutes * MINUTE_MS} as windowEnd`

export const queries: Readonly<Record<string, string>> = {
  tumbling: `select tail, ${window(10)}, count(*) as n, avg(delay) as mean, max(delay) as worst
      from flights group by tail, windowStart`,
  tumblingLate: 'select * from flights where false',
  sliding: `select tail, ${tumbling(5)} - lap.generate_series * ${5 * MINUTE_MS} as windowStart,
        windowStart + ${20 * MINUTE_MS} as windowEnd, count(*) as n, sum(delay)::double as sum
      from flights, generate_series(0, 3) as lap group by tail, windowStart`,
  reduced: `select * from flights qualify row_number() over (partition by tail, ${tumbling(10)} order by id desc) = 1`,
  applied: `select tail, ${tumbling(30)} as "at", string_agg(id::varchar, ' ' order by id) as ids from flights group by tail, "at"`,
  byState: `select state, ${window(15)}, count(*) as n from flights join airports on origin = iata group by state, windowStart`,
  ofWindows: `select key, ${window(60, 'ended')}, count(*) as windows, sum(n)::double as n
      from (select coalesce(tail, 'none') as key, ${tumbling(10)} + ${10 * MINUTE_MS} - 1 as ended, count(*) as n
            from flights group by tail, ended)
      group by key, windowStart`,
  timedByFunction: `select origin, ${window(60, 'id * 1000')}, count(*) as n from flights group by origin, windowStart`,
  generated: `select id % 3 as key, ${window(10, 'id * 1000')}, count(*) as n
      from (select generate_series as id from generate_series(0, 4999)) group by key, windowStart`,
  rebalanced: `select tail, ${window(10)}, count(*) as n from flights where file = 4 group by tail, windowStart`,
  seen: 'select id from flights',
}
