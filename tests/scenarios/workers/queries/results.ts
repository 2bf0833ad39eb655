/** What programs that take their results themselves have to find, as SQL over the tables. */

/** `programs/collect.ts` */
export const collected = `select n, count(*) as groups
    from (select count(*) as n from flights group by origin, tail) group by n order by n`

/** `programs/updating.ts` */
export const updated = `select origin, tail, count(*) as n, max(delay) as worst, iata, state
    from flights join airports on origin = iata group by all having n > 20`

/** `programs/iterate.ts` */
export const iterated = 'select id, delay from flights where delay > 0'

/** `programs/changes.ts` */
export const changes: Readonly<Record<string, string>> = {
  counts: 'select origin, count(*) as count from flights group by origin',
  places: `select origin, count(*) as count, iata, state
    from flights join airports on origin = iata group by all`,
}
