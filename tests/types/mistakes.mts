/**
 * Programs that are wrong. Each line with a mistake has, above it, what the compiler's message must contain
 * (`//? `, one line for each part). No other line may have an error. TypeScript 7 orders names alphabetically.
 */
import {
  aggregating,
  avg,
  broadcast,
  count,
  int32,
  list,
  map,
  max,
  reducing,
  type Sink,
  sum,
  tumbling,
  type,
  value,
} from 'millrace'
import { airports, counts, type Flight, flights, history, payments } from './rows.ts'

const most = reducing((a: number, b: number) => Math.max(a, b))
declare const appends: Sink<{ origin: string; count: number }, 'bounded' | 'appending'>

//? '"orgin"' is not assignable to parameter of type '"date" | "delay" | "destination" | "distance" | "origin" | "tail"'
flights.keyBy('orgin')
//? '"orgin"' is not assignable to type '"date" | "delay" | "destination" | "distance" | "origin" | "tail"'. Did you mean '"origin"'?
flights.join(airports, { on: ['orgin', 'iata'] })
//? The 'this' context of type 'DataStream<{ origin: string; count: number; }, "updating">' is not assignable to method's 'this'
counts.mapAsync(async row => row)
//? Type '"5x"' is not assignable to type 'Duration | undefined'
flights.mapAsync(async row => row, { timeout: '5x' })
//? 'atempts' does not exist in type 'AsyncRetry'
flights.mapAsync(async row => row, { retry: { atempts: 3 } })
//? '"state_code"' is not assignable to type '"city" | "iata" | "state"'
flights.join(airports, { on: ['origin', 'state_code'] })
//? Type 'string' is not assignable to type 'never'
flights.join(airports, { on: ['delay', 'city'] })
//? Property 'prefix' is missing in type '{ on: "origin"; }' but required in type 'BothSidesHave<"date" | "delay" | "destination" | "distance" | "tail">'
flights.join(history, { on: 'origin' })
//? '"outer"' is not assignable to type '"anti" | "full" | "inner" | "left" | "right" | "semi"
flights.join(airports, { on: ['origin', 'iata'], how: 'outer' })
//? Type '"broadcast"' is not assignable to type '"hash"'
history.join(airports, { on: ['origin', 'iata'], how: 'full', strategy: 'broadcast' })
//? Argument of type 'DataSet<Airport>' is not assignable to parameter of type 'DataStream<Flight, "bounded">'
//? Type 'Airport' is missing the following properties from type 'Flight'
flights.union(airports)

//? Types of property 'destination' are incompatible
//? Type 'string' is not assignable to type 'Numeric'
flights.keyBy('origin').aggregate({ mean: avg('destination') })
//? Property 'dely' is missing in type 'Flight' but required in type '{ dely: Numeric; }'
flights.keyBy('origin').aggregate({ mean: avg('dely') })
//? Property 'dely' is missing in type 'Flight' but required in type '{ dely: Orderable; }'
flights.keyBy('origin').aggregate({ worst: max('dely') })
//? Argument of type 'TextExpr<string>' is not assignable to parameter of type 'Expr<Numeric>'
flights.keyBy('origin').aggregate(c => ({ total: sum(c.origin) }))
//? Type 'number' is not assignable to type 'Aggregate<Flight, unknown>'
flights.keyBy('origin').aggregate({ n: 5 })
//? The 'this' context of type 'DataStream<Flight, "appending">' is not assignable to method's 'this' of type 'DataStream<Flight, "bounded">'
flights.aggregate({ n: count() })
//? The 'this' context of type 'DataStream<Flight, "appending">' is not assignable to method's 'this' of type 'DataStream<Flight, "bounded">'
//? Type '"appending"' is not assignable to type '"bounded"'
flights.sortBy('date')
//? The 'this' context of type 'DataStream<Flight, "appending">'
flights.first(3)
//? The 'this' context of type 'DataStream<Flight, "appending">'
flights.distinct()
//? The 'this' context of type 'DataStream<Flight, "appending">'
flights.groupBy('origin')
//? The 'this' context of type 'DataStream<{ origin: string; count: number; }, "updating">'
counts.stream()
//? Type '"updating"' is not assignable to type '"appending" | "bounded"'
counts.keyBy('origin').scan(
  () => 0,
  n => n + 1,
)

//? Argument of type 'Sink<{ origin: string; count: number; }, "appending" | "bounded">' is not assignable to parameter of type 'Sink<{ count: number; origin: string; }, "updating">'
//? Type '"updating"' is not assignable to type '"appending" | "bounded"'
flights.keyBy('origin').count().to(appends)
//? Property 'count' is missing in type '{ origin: string; }' but required in type '{ origin: string; count: number; }'
flights.pick('origin').to(appends)

//? Argument of type 'DataSet<Flight>' is not assignable to parameter of type 'DataStream<Flight, "appending">'
//? Type '"bounded"' is not assignable to type '"appending"'
unbounded(history)

//? '"10x"' is not assignable to parameter of type 'number | `${number}d` | `${number}h` | `${number}m` | `${number}ms` | `${number}s` | `${number}w`'
tumbling('10x')
//? '"origin"' is not assignable to parameter of type '"date" | "delay" | "distance"'
flights.eventTime('origin')
//? 'tumble' does not exist in type 'EventTimeOptions'
flights.eventTime('date', { tumble: '1h' })

//? Property 'dely' does not exist on type 'ColumnsOf<Flight>'. Did you mean 'delay'?
flights.where(c => c.dely.gt(10))
//? '"x"' is not assignable to parameter of type 'number | Expr<number | null> | null'
flights.where(c => c.delay.gt('x'))
//? Type 'NumberExpr<number>' is not assignable to type 'Expr<boolean | null>'
flights.where(c => c.delay)
//? Type 'boolean' is not assignable to type 'Expr<boolean | null>'
flights.where(c => c.delay === c.distance)
//? Property 'plus' does not exist on type 'TextExpr<string>'
flights.select(c => ({ sum: c.origin.plus(1) }))
//? Argument of type 'NumberExpr<number>' is not assignable to parameter of type 'bigint | Expr<bigint | null> | null'
payments.select(c => ({ sum: c.amount.plus(c.time) }))
//? Type 'number' is not assignable to type 'Expr<unknown>'
flights.select(() => ({ five: 5 }))
//? '"delat"' is not assignable to parameter of type '"date" | "delay"
flights.pick('delat')
//? 'delat' does not exist in type '{ readonly date?: string; readonly delay?: string;
flights.rename({ delat: 'late' })
//? Type 'string' is not assignable to type 'ColumnType<unknown>'
flights.as({ delay: 'int32' })

//? Property 'lost' does not exist on type '{ readonly last: ValueState<Flight>; }'
flights.keyBy('origin').process({ state: { last: value<Flight>() }, onElement: (_, { state }) => state.lost })
//? Argument of type 'string' is not assignable to parameter of type 'number'
flights.keyBy('origin').process({ state: { n: value(int32) }, onElement: (f, { state }) => state.n.set(f.origin) })
//? Property 'add' does not exist on type 'ValueState<number>'
flights.keyBy('origin').process({ state: { n: value(int32) }, onElement: (f, { state }) => state.n.add(f.delay) })
//? Type 'string' is not assignable to type 'number
value(int32, { default: 'none' })
//? 'tll' does not exist in type
value(int32, { tll: '1d' })
//? Argument of type 'string' is not assignable to parameter of type 'number'
flights
  .keyBy('origin')
  .process({ state: { all: list<number>() }, onElement: (f, { state }) => state.all.add(f.origin) })
//? Property 'set' does not exist on type 'BroadcastView<string, number>'
flights.connectBroadcast(airports, {
  state: { states: broadcast<string, number>() },
  onBroadcast() {},
  onElement: (f, { state }) => state.states.set(f.origin, 1),
})
//? Property 'last' does not exist on type 'BroadcastsOf<{ states: Declared<BroadcastState<string, number>>; last: Declared<ValueState<Flight>>; }>'
flights.keyBy('origin').connectBroadcast(airports, {
  state: { states: broadcast<string, number>(), last: value<Flight>() },
  onElement() {},
  onBroadcast: (_, { state }) => state.last.get(),
})
//? Argument of type 'number' is not assignable to parameter of type 'Refused<"emit what? declare emits: type<Row>()">'
flights.connectBroadcast(airports, { onBroadcast() {}, onElement: (f, { emit }) => emit(f.delay) })
//? Property 'key' does not exist on type 'ElementContext
flights.connectBroadcast(airports, { onBroadcast() {}, onElement: (_, { key }) => key })
//? Property 'onBroadcast' is missing in type
flights.connectBroadcast(airports, { onElement() {} })
//? 'ttl' does not exist in type
broadcast<string, number>({ ttl: '1d' })
//? Type 'Flight' does not satisfy the constraint 'MapKey'
map<Flight, number>()
//? Type '"1x"' is not assignable to type
list<number>({ ttl: '1x' })
//? Type '"often"' is not assignable to type '"create" | "read" | "write"
list<number>({ ttl: { after: '1h', refresh: 'often' } })
//? 'default' does not exist in type 'StateOptions<number>'
list<number>({ default: 0 })
//? Type 'string' is not assignable to type 'number'
list<number>({ version: 2, migrate: String })
//? Type 'string' is not assignable to type 'number'
reducing<number>((a, b) => `${a}${b}`)
//? Argument of type 'string' is not assignable to parameter of type 'number'
flights.keyBy('origin').process({ state: { most }, onElement: (f, { state }) => state.most.add(f.origin) })
//? Type 'string' is not assignable to type 'number'
aggregating({ create: () => 0, add: (_, f: Flight) => f.origin, result: n => n })

//? Argument of type '"quit"' is not assignable to parameter of type '"quiet"'
flights.keyBy('origin').process({ sides: { quiet: type<Flight>() }, onElement: (f, { side }) => side('quit', f) })
//? 'Refused<"emit what? declare emits: type<Row>() before onElement">'
flights.keyBy('origin').process({ onElement: (_, { emit }) => emit(5) })
//? Argument of type 'number' is not assignable to parameter of type 'string'
flights.keyBy('origin').process({ emits: type<string>(), onElement: (_, { emit }) => emit(5) })
//? Argument of type '"late"' is not assignable to parameter of type '"quiet"'
flights
  .keyBy('origin')
  .process({ sides: { quiet: type<Flight>() }, onElement() {} })
  .side('late')
//? Property 'side' does not exist on type 'DataStream<Flight, "appending">'
flights.side('late')

declare function unbounded(of: typeof flights): void
export type Unused = Flight
