/** What `programs/rows.ts` has to write, as SQL over the tables. */
export const sorted = 'select id, delay from flights order by delay desc, id'

export const queries: Readonly<Record<string, string>> = {
  chain: 'select id, delay * 2 as late from flights where delay > 10 and id % 2 = 0',
  flat: 'select id, i.generate_series as i from flights, generate_series(0, 1) i where i.generate_series < id % 3',
  oneSplit: 'select id from flights where file = 2 and delay <> 0',
  files: 'select id, file from flights',
  union: 'select id from flights where file = 2 union all select id from flights where id < 100',
  unionOfOne: 'select id from flights where file = 2 union all select id from flights where file = 2 and id < 100',
  rebalanced: 'select id, sign from flights, (values (1), (-1)) t(sign) where file = 2',
  rebalancedKeyed: 'select origin, count(*) as count from flights where file = 2 and delay > 0 group by origin',
  sorted,
  firstSorted: `${sorted} limit 1500`,
  firstOfOne: 'select id from flights where file = 2 order by id limit 700',
  behindSort: 'select id from flights where id % 2 = 1',
  countOfFirst: `select origin, count(*) as count
      from (select * from flights order by delay desc, id limit 1500) group by origin`,
  globalOfKeyed: `select count(*) as keys, max(n) as most from (select count(*) as n from flights group by origin)`,
  sortedAgain: 'select distinct origin from flights',
  generated: `select i.generate_series as n, 'g' || (n % 10) as name from generate_series(0, 4999) i`,
}
