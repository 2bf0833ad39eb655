/** Windows of event time: none of these rows is late. */
import { avg, count, generate, int32, max, row, sliding, sum, text, timestamp, tumbling } from 'millrace'
import { csv } from 'millrace/files'
import { airportFile, env, flightColumns, flightFiles, streamOf, table, write } from './around.ts'

const flights = streamOf(flightFiles).eventTime('date', { disorder: '1s' })
const oneFile = csv(table('flights/4.csv'), flightColumns)
const byTail = flights.keyBy('tail')
const tenMinutes = byTail.window(tumbling('10m')).aggregate({ n: count(), mean: avg('delay'), worst: max('delay') })
const byState = flights
  .join(env.dataset(airportFile), { on: ['origin', 'iata'] })
  .keyBy('state')
  .window(tumbling('15m'))
  .aggregate({ n: count() })

await env.run([
  write('tumbling', tenMinutes),
  write('tumblingLate', tenMinutes.side('late')),
  write('sliding', byTail.window(sliding('20m', '5m')).aggregate({ n: count(), sum: sum('delay') })),
  write(
    'reduced',
    byTail.window(tumbling('10m')).reduce((a, b) => (a.id > b.id ? a : b)),
  ),
  write(
    'applied',
    byTail.window(tumbling('30m')).apply((rows, { tail, windowStart }) => [
      {
        tail,
        at: windowStart,
        ids: rows
          .map(f => f.id)
          .sort((a, b) => a - b)
          .join(' '),
      },
    ]),
  ),
  write('byState', byState),
  // Windows over the results of windows: their time is the last millisecond of the window.
  write(
    'ofWindows',
    tenMinutes
      .keyBy(w => w.tail ?? 'none')
      .window(tumbling('1h'))
      .aggregate({ windows: count(), n: sum('n') }),
  ),
  write(
    'timedByFunction',
    streamOf(flightFiles)
      .map(f => ({ origin: f.origin, id: f.id }))
      .as({ origin: text, id: int32 })
      .eventTime(f => f.id * 1000)
      .keyBy('origin')
      .window(tumbling('1h'))
      .aggregate({ n: count() }),
  ),
  write(
    'generated',
    streamOf(generate({ rows: 5000, splits: 4, schema: { id: int32 } }, id => ({ id })))
      .eventTime(r => r.id * 1000)
      .keyBy(r => r.id % 3)
      .window(tumbling('10m'))
      .aggregate({ n: count() }),
  ),
  // One file of rows in order, its batches dealt out before their times are known; and after.
  write(
    'rebalanced',
    streamOf(oneFile)
      .rebalance()
      .map(f => ({ tail: f.tail, date: f.date }))
      .as({ tail: text.nullable(), date: timestamp })
      .eventTime('date', { disorder: '1s' })
      .rebalance()
      .keyBy('tail')
      .window(tumbling('10m'))
      .aggregate({ n: count() }),
  ),
  write(
    'seen',
    flights.keyBy('origin').process({
      emits: row({ id: int32 }),
      onElement: ({ id }, { emit }) => emit({ id }),
    }),
  ),
])
