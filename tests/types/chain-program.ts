/**
 * A generated program: chains of 25 operators as one writes them, over rows of 6 to 20 columns. `chains` times 25 is
 * the number of operators. Every chain's rows have names of their own, so that nothing is shared between them.
 */
export function chainProgram(chains: number): string {
  const parts = [
    `import { avg, count, type DataSet, type DataStream, type Kind, map, max, min, type Sink, sliding, sum, tumbling, type, value } from 'millrace'`,
    `function positive<T extends { amount: number }, K extends Kind>(all: DataStream<T, K>) { return all.filter(r => r.amount > 0) }`,
  ]
  for (let i = 0; i < chains; i++) parts.push(chain(i))
  return parts.join('\n')
}

function chain(i: number): string {
  const extra = Array.from({ length: i % 10 }, (_, c) => `x${c}: ${c % 2 === 0 ? 'number' : 'string'}`).join('; ')
  return `
interface Order${i} { id: number; user: string; amount: number; time: number; item: string; note${i}: string | null; ${extra} }
interface User${i} { user: string; city: string; since${i}: number }
interface City${i} { name: string; country: string; people: number }
declare const orders${i}: DataStream<Order${i}>, users${i}: DataSet<User${i}>, cities${i}: DataSet<City${i}>
declare const blocked${i}: DataSet<{ user: string }>, more${i}: DataStream<{ country: string; total: number }>
declare const sink${i}: Sink<{ country: string; total: number }, 'bounded' | 'appending'>, alerts${i}: Sink<{ user: string }, Kind>
const clean${i} = orders${i}.filter(o => o.user !== '').with(o => ({ hour: Math.floor(o.time / 3_600_000) }))
  .pick('id', 'user', 'amount', 'time', 'item', 'hour').through(positive)
const joined${i} = clean${i}.join(users${i}, { on: 'user' }).join(cities${i}, { on: ['city', 'name'] })
  .omit('item').where(c => c.people.gt(1000).and(c.country.ne('XX')))
const hourly${i} = joined${i}.eventTime('time', { disorder: '1m' }).keyBy('country', 'city').window(tumbling('1h'))
  .aggregate({ total: sum('amount'), mean: avg('amount'), worst: max('amount'), n: count() })
const daily${i} = hourly${i}.map(h => ({ country: h.country, total: h.total, at: h.windowStart }))
  .keyBy('country').window(sliding('7d', '1d')).aggregate({ total: sum('total'), first: min('at') }).rename({ windowStart: 'from' })
const watched${i} = clean${i}.keyBy('user').process({
  emits: type<{ user: string }>(), sides: { quiet: type<{ id: number; user: string }>() },
  state: { last: value<number>(), seen: map<string, number>() },
  onElement(order, { state, emit, side, timers }) {
    if (state.seen.has(order.item)) emit({ user: order.user })
    else side('quiet', { id: order.id, user: order.user })
    state.last.set(order.time)
    timers.at(order.time + 1000)
  },
})
export const jobs${i} = [
  daily${i}.select(c => ({ country: c.country, total: c.total.plus(1) })).union(more${i}).to(sink${i}),
  watched${i}.join(blocked${i}, { on: 'user', how: 'anti' }).to(alerts${i}),
]
export async function show${i}() { for await (const row of joined${i}.keyBy('country').count()) console.log(row.row.country, row.weight) }`
}
