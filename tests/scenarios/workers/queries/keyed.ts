/** What `programs/keyed.ts` has to write, as SQL over the tables. */
export const queries: Readonly<Record<string, string>> = {
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
}
