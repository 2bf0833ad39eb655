/** A program with state of several kinds, whose results depend on its rows alone. Arguments: folder of results, rows a second. */
export const paymentsJob = `
import { count, environment, int32, list, map, sum, text, timestamp, tumbling, type, value } from 'millrace'
import { generate } from 'millrace'
import { jsonLines } from 'millrace/files'

const [out = 'out', rate = 'Infinity', workers = '1', ...more] = process.argv.slice(2)
const env = environment({
  parallelism: Number(workers),
  ...(more.includes('disk') ? { state: { store: 'disk', cacheBytes: 8192 } } : {}),
  ...(more.includes('plain') ? {} : { checkpoints: { dir: 'state', every: 60, retain: 2 } }),
})
const rows = Number(process.env.ROWS ?? 24000)
const limited = Number.isFinite(Number(rate)) ? { ratePerSecond: Number(rate) } : {}
const payments = env
  .stream(
    generate({ rows, splits: 5, ...limited, schema: { id: int32, card: text, shop: int32, time: timestamp } }, i => ({
      id: i, card: 'c' + ((i * 7919) % 211), shop: (i * 31) % 17, time: i - (i % 5),
    })),
  )
  .eventTime('time', { disorder: 100 })
const shops = env.dataset(generate({ rows: 17, schema: { shop: int32, city: text } }, i => ({ shop: i, city: 'city ' + (i % 4) })))
const windows = payments.keyBy('card').window(tumbling(1000)).aggregate({ n: count(), ids: sum('id') }).named('windows')
const buckets = payments.keyBy('card').process({
  emits: type<{ card: string; bucket: number; ids: number; shops: number; before: number }>(),
  state: { ids: map<number, number>(), shops: list<number>(), before: value(int32, { default: 0 }) },
  onElement({ id, time, shop }, { state, timers }) {
    const bucket = Math.floor(time / 700)
    if (!state.ids.has(bucket)) timers.at(bucket * 700 + 699)
    state.ids.set(bucket, (state.ids.get(bucket) ?? 0) + id)
    state.shops.add(shop)
  },
  onTimer(at, { key, state, emit }) {
    const bucket = (at - 699) / 700
    emit({ card: key.card, bucket, ids: state.ids.get(bucket)!, shops: 0, before: state.before.get() })
    state.ids.delete(bucket)
    state.before.set(state.before.get() + 1)
  },
}).named('buckets')
const cities = payments.join(shops, { on: 'shop' }).keyBy('city').window(tumbling(2000)).aggregate({ n: count() })
const jobs = [
  windows.to(jsonLines(out + '/windows/')),
  buckets.to(jsonLines(out + '/buckets/')),
  cities.to(jsonLines(out + '/cities/')),
  payments.distinct('card').pick('card').to(jsonLines(out + '/cards/')),
]
await env.run(jobs, {
  onEvent(event) {
    if (event.kind === 'checkpoint' || event.kind === 'restored') console.log(JSON.stringify(event))
    if (event.kind === 'restarting' || event.kind === 'checkpointFailed') console.log(event.kind, event.error)
  },
})
console.log('done')
`
