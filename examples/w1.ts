import { count, environment, max } from 'millrace'
import { bids } from 'millrace/nexmark'

const env = environment({ parallelism: Number(process.argv[2] ?? 2) })
const t = performance.now()
const rows = await env
  .dataset(bids({ events: 2_000_000 }))
  .keyBy('auction')
  .aggregate({ bids: count(), highest: max('price') })
  .collect()
console.log(
  rows.length,
  rows.reduce((a, r) => a + r.bids, 0),
  rows.reduce((a, r) => a + r.highest, 0),
  Math.round(performance.now() - t),
)
