/** Rows collected in the program itself, behind two exchanges. */
import { count } from 'millrace'
import { env, flightFiles } from './around.ts'

const perCount = await env
  .dataset(flightFiles)
  .groupBy('origin', 'tail')
  .aggregate({ n: count() })
  .groupBy('n')
  .aggregate({ groups: count() })
  .sortBy('n')
  .collect()
for (const row of perCount) console.log(JSON.stringify(row))
