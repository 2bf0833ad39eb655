/** Joins of every kind, of collections that share a source and of ones that do not. */
import { count, double, int32, text } from 'millrace'
import { jsonLines } from 'millrace/files'
import { airportFile, env, flightFiles, streamOf, table, write } from './around.ts'

const flights = env.dataset(flightFiles)
const airports = env.dataset(airportFile)
const marks = env.dataset(jsonLines(table('marks.jsonl'), { id: int32, mark: text }))
const brief = flights.pick('id', 'origin')
const origins = flights.groupBy('origin').aggregate({ n: count() })
const doubled = marks.map(m => ({ half: m.id / 2, mark: m.mark })).as({ half: double, mark: text })

await env.run([
  write('inner', brief.join(airports, { on: ['origin', 'iata'] })),
  write('left', brief.join(airports, { on: ['origin', 'iata'], how: 'left' })),
  write('right', brief.join(airports, { on: ['origin', 'iata'], how: 'right' })),
  write('full', brief.join(airports, { on: ['origin', 'iata'], how: 'full' })),
  write('semi', brief.join(airports, { on: ['origin', 'iata'], how: 'semi' })),
  write('anti', brief.join(airports, { on: ['origin', 'iata'], how: 'anti' })),
  write('largeRight', airports.join(flights.pick('id', 'origin'), { on: ['iata', 'origin'] })),
  write(
    'streamed',
    streamOf(flightFiles)
      .pick('id', 'origin')
      .join(airports, { on: ['origin', 'iata'] }),
  ),
  // Every worker has all airports; flights stay where they are.
  write('broadcast', brief.join(airports, { on: ['origin', 'iata'], strategy: 'broadcast' })),
  write('broadcastLeft', brief.join(airports, { on: ['origin', 'iata'], how: 'left', strategy: 'broadcast' })),
  write('broadcastSemi', brief.join(airports, { on: ['origin', 'iata'], how: 'semi', strategy: 'broadcast' })),
  write('broadcastAnti', brief.join(airports, { on: ['origin', 'iata'], how: 'anti', strategy: 'broadcast' })),
  write('broadcastItself', brief.join(origins, { on: 'origin', strategy: 'broadcast' })),
  write(
    'broadcastSorted',
    brief.sortBy('id').join(airports, { on: ['origin', 'iata'], how: 'semi', strategy: 'broadcast' }),
  ),
  // The key is an int32 here and a double there: equal numbers meet.
  write('numbers', brief.join(doubled, { on: ['id', 'half'] })),
  write(
    'made',
    flights.join(airports, { on: [f => f.origin.slice(1), a => a.iata.slice(1)] }, (f, a) => ({
      id: f.id,
      place: `${a.state}/${a.iata}`,
    })),
  ),
  write(
    'nulls',
    flights.pick('id', 'tail').join(
      flights.where(f => f.id.lt(40)).select(f => ({ other: f.id, tail: f.tail })),
      { on: 'tail' },
    ),
  ),
  // Both sides come from one source; one of them through an exchange of its own.
  write('shared', brief.join(origins, { on: 'origin' })),
  write(
    'sharedBack',
    origins.join(
      brief.where(f => f.id.lt(500)),
      { on: 'origin' },
    ),
  ),
  write('twice', brief.join(airports, { on: ['origin', 'iata'] }).join(marks, { on: 'id', how: 'left' })),
])
