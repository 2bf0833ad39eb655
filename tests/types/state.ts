/** Handles of declared state: typed from their declarations, whatever options these have. */
import {
  type AggregatingState,
  aggregating,
  type Declared,
  type DefaultedState,
  double,
  type HandleOf,
  int32,
  type ListState,
  list,
  type MapState,
  map,
  type ReducingState,
  reducing,
  row,
  type StateOptions,
  text,
  timestamp,
  type,
  type ValueState,
  value,
} from 'millrace'
import { type Payment, payments, same } from './rows.ts'

function handle<D extends Declared<unknown>>(_of: D) {
  return <H>(_same: [HandleOf<D>] extends [H] ? ([H] extends [HandleOf<D>] ? true : never) : never): void => undefined
}

// Opaque values.
handle(value<Payment>())<ValueState<Payment>>(true)
handle(value<Payment>({ ttl: '1d' }))<ValueState<Payment>>(true)
handle(value({ default: 0 }))<DefaultedState<number>>(true)
handle(value<Payment | null>({ default: null, ttl: { after: '2h', refresh: 'read' } }))<DefaultedState<Payment | null>>(
  true,
)
handle(value({ version: 2, migrate: (old, from) => `${old} ${from.toFixed()}` }))<ValueState<string>>(true)
handle(value(type<Payment>()))<ValueState<Payment>>(true)

// Columns.
handle(value(int32))<ValueState<number>>(true)
handle(value(double, { default: 0 }))<DefaultedState<number>>(true)
handle(value(text.nullable(), { default: null }))<DefaultedState<string | null>>(true)
handle(value(timestamp, { ttl: 1000, version: 3, migrate: old => Number(old) }))<ValueState<number>>(true)
const last = row({ at: timestamp, note: text.nullable() })
handle(value(last))<ValueState<{ at: number; note: string | null }>>(true)
handle(value(last, { default: { at: 0, note: null } }))<DefaultedState<{ at: number; note: string | null }>>(true)

// Containers and folds.
handle(list<number>({ ttl: '1h' }))<ListState<number>>(true)
handle(list({ version: 2, migrate: old => Number(old) }))<ListState<number>>(true)
handle(map<string, Payment>({ ttl: { after: '1h' } }))<MapState<string, Payment>>(true)
handle(map<string | null, 1 | 2>())<MapState<string | null, 1 | 2>>(true)
handle(reducing((a: number, b: number) => a + b))<ReducingState<number>>(true)
handle(reducing<Payment>((a, b) => (a.time > b.time ? a : b), { ttl: '1d' }))<ReducingState<Payment>>(true)
handle(reducing(int32, Math.max))<ReducingState<number>>(true)
handle(reducing(last, (a, b) => (a.at > b.at ? a : b), { ttl: '1d' }))<
  ReducingState<{ at: number; note: string | null }>
>(true)
handle(
  aggregating(row({ sum: double, n: int32 }), {
    create: () => ({ sum: 0, n: 0 }),
    add: (all, amount: number) => ({ sum: all.sum + amount, n: all.n + 1 }),
    result: all => all.sum / all.n,
  }),
)<AggregatingState<number, number>>(true)
const mean = aggregating({
  create: () => ({ sum: 0, n: 0 }),
  add: (all, amount: number) => ({ sum: all.sum + amount, n: all.n + 1 }),
  result: all => all.sum / all.n,
})
handle(mean)<AggregatingState<number, number>>(true)
handle(
  aggregating(
    {
      create: () => new Set<string>(),
      add: (all, { user }: Payment) => all.add(user),
      result: all => [...all],
    },
    { version: 2, migrate: old => new Set(old as string[]) },
  ),
)<AggregatingState<Payment, string[]>>(true)

// Options that stand by themselves.
const day: StateOptions<number> = { ttl: '1d', version: 2, migrate: Number }
handle(value(int32, day))<ValueState<number>>(true)
handle(list(day))<ListState<number>>(true)

payments.keyBy('card').process({
  state: { mean, most: reducing((a: number, b: number) => Math.max(a, b)), last: value(last) },
  onElement(payment, { state }) {
    state.mean.add(payment.time)
    same<number | undefined>()(state.mean.get(), true)
    same<number | undefined>()(state.most.get(), true)
    same<{ at: number; note: string | null } | undefined>()(state.last.get(), true)
    state.last.set({ at: payment.time, note: null })
  },
})
