/** What each operator makes of the rows. */
import { avg, count, type DataSet, type DataStream, double, int32, max, min, row, sum, text, tumbling } from 'millrace'
import { z } from 'zod'
import { type Airport, airports, type Flight, flights, history, payments, rows, same } from './rows.ts'

// Functions of a row.
rows<{ route: string }>()(
  flights.map(f => ({ route: `${f.origin}-${f.destination}` })),
  true,
)
rows<string>()(
  flights.flatMap(f => [f.origin, f.destination]),
  true,
)
rows<Flight & { tail: string }>()(
  flights.filter((f): f is Flight & { tail: string } => f.tail !== null),
  true,
)
rows<{ date: number; delay: string; distance: number; origin: string; destination: string; tail: string | null }>()(
  flights.with(f => ({ delay: `${f.delay} min` })),
  true,
)
rows<{ hour: number } & Flight extends infer R ? { [C in keyof R]: R[C] } : never>()(
  flights.with(f => ({ hour: f.date / 3_600_000 }), { hour: double }),
  true,
)

// Functions that answer later.
rows<{ route: string }>()(
  flights.mapAsync(async f => ({ route: f.origin })),
  true,
)
rows<number>()(
  flights.mapAsync((f, { signal, attempt }) => (signal.aborted ? f.delay : attempt), { ordered: false, timeout: '5s' }),
  true,
)
rows<{ n: number }>()(flights.mapAsync(async () => ({ n: 1 })).as({ n: int32 }), true)
same<DataSet<string>>()(
  history.mapAsync(async f => f.origin, {
    capacity: 5,
    retry: { attempts: 2, when: error => error instanceof TypeError },
  }),
  true,
)

// Columns.
rows<{ origin: string; delay: number }>()(flights.pick('origin', 'delay'), true)
rows<{ city: string; state: string }>()(airports.omit('iata'), true)
rows<{ airport: string; city: string; state: string }>()(airports.rename({ iata: 'airport' }), true)

// Declared rows.
rows<{ route: string; hours: number | null }>()(flights.as({ route: text, hours: double.nullable() }), true)
rows<{ n: number }>()(flights.as(row({ n: int32 })), true)
rows<{ n: number; tags: string[] }>()(flights.as(z.object({ n: z.number(), tags: z.array(z.string()) })), true)

// Keys and aggregates.
rows<{ origin: string; destination: string; count: number }>()(flights.keyBy('origin', 'destination').count(), true)
rows<{ key: string; count: number }>()(flights.keyBy(f => `${f.origin}-${f.destination}`).count(), true)
rows<{ key: { o: string }; count: number }>()(flights.keyBy(f => ({ o: f.origin })).count(), true)
rows<{ card: string; n: number; total: bigint; mean: number | null; least: number | null; last: number }>()(
  payments
    .keyBy('card')
    .aggregate({ n: count(), total: sum('amount'), mean: avg('discount'), least: min('discount'), last: max('time') }),
  true,
)
rows<{ origin: string; km: number; worst: number; late: boolean }>()(
  flights
    .keyBy('origin')
    .aggregate(c => ({ km: sum(c.distance.times(1.609)), worst: max(c.delay), late: max(c.delay.gt(0)) })),
  true,
)
rows<{ flights: number; worst: number | null; mean: number | null }>()(
  history.aggregate({ flights: count(), worst: max('delay'), mean: avg('delay') }),
  true,
)
rows<{ flights: number; worst: number | null }>()(
  history.aggregate(c => ({ flights: count(), worst: max(c.delay) })),
  true,
)
const spec = { n: count(), mean: avg('delay') }
rows<{ origin: string; n: number; mean: number }>()(flights.keyBy('origin').aggregate(spec), true)
rows<{ origin: string; n: number }>()(history.groupBy('origin').aggregate({ n: count() }), true)
rows<Flight>()(
  flights.keyBy('origin').reduce((a, b) => (a.delay > b.delay ? a : b)),
  true,
)
rows<{ flown: number }>()(
  flights.keyBy('origin').scan(
    () => ({ flown: 0 }),
    (s, f) => ({ flown: s.flown + f.distance }),
  ),
  true,
)

// Windows, with their late rows.
const daily = flights.eventTime('date').keyBy('origin').window(tumbling('1d')).aggregate({ n: count() })
rows<{ origin: string; windowStart: number; windowEnd: number; n: number }>()(daily, true)
rows<Flight>()(daily.side('late'), true)
rows<Flight>()(daily.named('daily').side('late'), true)
const applied = flights
  .keyBy('origin')
  .window(tumbling('1d'))
  .apply((all, { origin, windowStart, windowEnd }) => [{ origin, windowStart, windowEnd, n: all.length }])
rows<{ origin: string; windowStart: number; windowEnd: number; n: number }>()(applied, true)
rows<Flight>()(applied.side('late'), true)
rows<Flight>()(
  flights
    .keyBy('origin')
    .window(tumbling(1000))
    .reduce(a => a),
  true,
)

// Joins.
const joined = flights.join(airports, { on: ['origin', 'iata'] })
rows<{
  date: number
  delay: number
  distance: number
  origin: string
  destination: string
  tail: string | null
  iata: string
  city: string
  state: string
}>()(joined, true)
rows<Flight>()(flights.join(airports, { on: ['origin', 'iata'], how: 'semi' }), true)
rows<Flight>()(flights.join(airports, { on: ['origin', 'iata'], how: 'anti' }), true)
rows<Flight>()(flights.rebalance().join(airports, { on: ['origin', 'iata'], how: 'semi', strategy: 'broadcast' }), true)
rows<{ origin: string; iata: string | null; city: string | null; state: string | null }>()(
  flights.pick('origin').join(airports, { on: ['origin', 'iata'], how: 'left' }),
  true,
)
rows<{ origin: string; delay: number; was_origin: string; was_delay: number }>()(
  flights.pick('origin', 'delay').join(history.pick('origin', 'delay'), { on: 'origin', prefix: 'was_' }),
  true,
)
rows<{ origin: string; date: number; delay: number; distance: number }>()(
  flights
    .pick('origin', 'date', 'delay')
    .join(history.pick('origin', 'date', 'distance'), { on: { origin: 'origin', date: 'date' } }),
  true,
)
rows<{ delay: number; city: string | null }>()(
  flights.join(airports, { on: [f => f.origin, a => a.iata], how: 'left' }, (f, a) => ({
    delay: f.delay,
    city: a.city,
  })),
  true,
)

// DataSets only.
rows<Flight>()(history.sortBy('origin', 'date').first(3), true)
rows<Flight>()(
  history.sortBy(c => [c.delay.descending(), c.date]),
  true,
)
rows<Flight>()(
  history.sortBy(c => c.delay.descending()),
  true,
)
rows<Flight>()(history.distinct('origin').distinct(), true)

// Results.
same<Promise<Flight[]>>()(flights.collect(), true)
same<AsyncIterator<Flight, undefined>>()(flights[Symbol.asyncIterator](), true)
same<AsyncIterator<{ readonly row: { origin: string; count: number }; readonly weight: number }, undefined>>()(
  flights.keyBy('origin').count()[Symbol.asyncIterator](),
  true,
)

// Own operators keep the kind.
const late = <T extends { delay: number }, K extends 'bounded' | 'appending'>(all: DataStream<T, K>) =>
  all.filter(f => f.delay > 15)
same<DataSet<Flight>>()(history.through(late), true)
same<DataStream<Flight>>()(flights.through(late), true)
same<DataSet<Airport>>()(airports.named('airports'), true)
same<DataSet<Airport>>()(airports.named('airports', { was: 'source#1' }), true)
