/** Windows over rows that are late: which ones may depend on the parallelism, and no row is lost for it. */
import { count, tumbling } from 'millrace'
import { csv } from 'millrace/files'
import { env, flightColumns, streamOf, table, write } from './around.ts'

// The times jump to and fro within a quarter of an hour, and are said to be in order.
const flights = streamOf(csv(table('flights/1.csv'), flightColumns)).eventTime(f => f.date - (f.id % 7) * 130_000)
const windows = flights.keyBy('origin').window(tumbling('1m')).aggregate({ n: count() })
// Two exchanges: rows come to the second from several workers.
const twice = flights
  .keyBy('tail')
  .scan(
    () => ({ id: 0, origin: '' }),
    (_, f) => ({ id: f.id, origin: f.origin }),
  )
  .keyBy('origin')
  .window(tumbling('1m'))
  .aggregate({ n: count() })
await env.run([
  write('windows', windows),
  write('windowsLate', windows.side('late')),
  write('twice', twice),
  write('twiceLate', twice.side('late')),
])
