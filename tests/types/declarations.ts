/** What a library over Millrace may export without writing types: all of it must have a public name. */
import {
  avg,
  count,
  duration,
  environment,
  fromRows,
  int32,
  list,
  literal,
  map,
  max,
  row,
  sum,
  text,
  tumbling,
  type,
  value,
  when,
} from 'millrace'
import { csv, parquet } from 'millrace/files'
import { bids } from 'millrace/nexmark'

export const env = environment()
export const source = fromRows([{ delay: 1, origin: 'SEA', time: 5 }], { delay: int32, origin: text, time: int32 })
export const stream = env.stream(source)
export const set = env.dataset(source)
export const keyed = stream.eventTime('time').keyBy('origin')
export const windowed = keyed.window(tumbling('1d'))
export const daily = windowed.aggregate({ n: count(), mean: avg('delay'), last: max('origin') })
export const late = daily.side('late')
export const spec = { n: count(), mean: avg('delay'), last: max('origin'), total: sum('delay') }
export const updating = keyed.aggregate(spec)
export const selected = stream.select(c => ({ z: c.delay.plus(1), w: when(c.delay.gt(1), 'x', 'y'), l: literal(5) }))
export const joined = stream.join(set, { on: 'origin', prefix: 'r_', how: 'left' })
export const states = { v: value<number>(), d: value({ default: 0 }), m: map<string, number>(), l: list<number>() }
export const processed = keyed.process({
  emits: type<{ q: number }>(),
  sides: { quiet: row({ delay: int32 }) },
  state: states,
  onElement() {},
})
export const sorted = set.sortBy(c => [c.delay.descending()]).first(3)
export const where = stream.where
export const functions = [avg, sum, max, when, duration, tumbling]
export const files = [csv('x.csv', { delay: int32 }), parquet('x.parquet')]
export const auction = bids({ events: 5 })
export const job = late.to(csv('late.csv'))
export const iterator = updating[Symbol.asyncIterator]()
export function helper() {
  return { daily, processed, selected, run: env.run }
}
