/** A user's function by key: state, timers, side outputs; over five splits, over one, and over what another has emitted. */
import { int32, list, map, row, text, timestamp, type, value } from 'millrace'
import { csv } from 'millrace/files'
import { env, flightColumns, flightFiles, streamOf, table, write } from './around.ts'

const QUARTER_MS = 900_000

const flights = streamOf(flightFiles).eventTime('date', { disorder: '1s' })

/** For every quarter of an hour with flights of a key, how many have left until its end, and by which tails. */
const quarters = flights.keyBy('origin').process({
  emits: row({ origin: text, time: timestamp, rows: int32, tails: int32 }),
  sides: { long: row({ id: int32, delay: int32 }), first: type<{ origin: string }>() },
  state: { dates: list<number>(), tails: map<string, number>(), seen: value({ default: false }) },
  onElement({ id, date, delay, origin, tail }, { state, timers, side }) {
    if (!state.seen.get()) side('first', { origin })
    state.seen.set(true)
    state.dates.add(date)
    if (tail !== null) state.tails.set(tail, Math.min(date, state.tails.get(tail) ?? date))
    if (delay > 55) side('long', { id, delay })
    timers.at(Math.floor(date / QUARTER_MS) * QUARTER_MS + QUARTER_MS)
  },
  onTimer(time, { key, state, emit }) {
    const before = (date: number) => date < time
    const tails = [...state.tails.entries()].filter(([, first]) => before(first)).length
    emit({ origin: key.origin, time, rows: state.dates.get().filter(before).length, tails })
  },
})

/** The time since the last flight of a key: of one file, in its order. */
const gaps = streamOf(csv(table('flights/3.csv'), flightColumns))
  .keyBy('tail')
  .process({
    emits: row({ id: int32, gap: int32.nullable() }),
    state: { last: value<number>() },
    onElement({ id, date }, { state, emit }) {
      const last = state.last.get()
      emit({ id, gap: last === undefined ? null : date - last })
      state.last.set(date)
    },
  })

/** The last quarter of each key, by the time that the rows of the first function carry. */
const lastQuarters = quarters
  .keyBy(q => q.origin)
  .process({
    emits: row({ origin: text, time: timestamp }),
    state: { last: value<number>() },
    onElement({ time }, { state, timers }) {
      const last = state.last.get()
      if (last !== undefined) timers.cancel(last + QUARTER_MS)
      state.last.set(Math.max(time, last ?? 0))
      timers.at(Math.max(time, last ?? 0) + 24 * 3_600_000)
    },
    onTimer(_, { key, state, emit }) {
      const time = state.last.get()
      if (time !== undefined) emit({ origin: key.key, time })
      state.last.clear()
    },
  })

await env.run([
  write('quarters', quarters),
  write('long', quarters.side('long')),
  write('first', quarters.side('first')),
  write('gaps', gaps),
  write('lastQuarters', lastQuarters),
])
