/** What `programs/joins.ts` has to write, as SQL over the tables. */
const joined = 'select id, origin, iata, state from flights'
const origins = '(select origin, count(*) as n from flights group by origin)'

export const queries: Readonly<Record<string, string>> = {
  inner: `${joined} join airports on origin = iata`,
  left: `${joined} left join airports on origin = iata`,
  right: `${joined} right join airports on origin = iata`,
  full: `${joined} full join airports on origin = iata`,
  semi: 'select id, origin from flights where origin in (select iata from airports)',
  anti: 'select id, origin from flights where origin not in (select iata from airports)',
  largeRight: 'select iata, state, id, origin from airports join flights on origin = iata',
  streamed: `${joined} join airports on origin = iata`,
  broadcast: `${joined} join airports on origin = iata`,
  broadcastLeft: `${joined} left join airports on origin = iata`,
  broadcastSemi: 'select id, origin from flights where origin in (select iata from airports)',
  broadcastAnti: 'select id, origin from flights where origin not in (select iata from airports)',
  broadcastItself: `select id, origin, n from flights join ${origins} using (origin)`,
  broadcastSorted: 'select id, origin from flights where origin in (select iata from airports)',
  numbers: 'select f.id, f.origin, m.id / 2 as half, m.mark from flights f join marks m on f.id = m.id / 2',
  made: `select id, state || '/' || iata as place from flights join airports on origin = iata`,
  nulls: 'select a.id, a.tail, b.id as other from flights a join flights b on a.tail = b.tail and b.id < 40',
  shared: `select id, origin, n from flights join ${origins} using (origin)`,
  sharedBack: `select origin, n, id from ${origins} join flights using (origin) where id < 500`,
  twice: `${joined.replace('state', 'state, mark')} join airports on origin = iata left join marks using (id)`,
}
