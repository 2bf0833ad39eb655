/** What `programs/process.ts` has to write, as SQL over the tables. */
const quarters = `with quarter as (select distinct origin, (date // 900000) * 900000 + 900000 as time from flights)`

export const queries: Readonly<Record<string, string>> = {
  quarters: `${quarters}
    select origin, quarter.time, count(*) as rows, count(distinct tail) as tails
    from quarter join flights using (origin) where date < quarter.time group by origin, quarter.time`,
  long: 'select id, delay from flights where delay > 55',
  first: 'select distinct origin from flights',
  gaps: `select id, date - lag(date) over (partition by tail order by id) as gap from flights where file = 3`,
  lastQuarters: `${quarters} select origin, max(time) as time from quarter group by origin`,
}
