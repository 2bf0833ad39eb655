/** Collections that are updated as rows come: what is left of them at the end, behind a join and a second exchange. */
import { count, max } from 'millrace'
import { airportFile, env, flightFiles, streamOf } from './around.ts'

const counts = streamOf(flightFiles)
  .keyBy('origin', 'tail')
  .aggregate({ n: count(), worst: max('delay') })
  .where(c => c.n.gt(20))
  .join(env.dataset(airportFile), { on: ['origin', 'iata'] })
for (const row of await counts.collect()) console.log(JSON.stringify(row))
