/** Aggregates, folds and first rows by key: rows of a key meet on one worker. */
import { avg, count, double, int32, max, min, sum, text } from 'millrace'
import { env, flightFiles, write } from './around.ts'

const flights = env.dataset(flightFiles)

await env.run([
  write('count', flights.groupBy('origin').count()),
  write(
    'several',
    flights.groupBy('origin', 'tail').aggregate({
      n: count(),
      sum: sum('delay'),
      mean: avg('delay'),
      least: min('id'),
      most: max('date'),
    }),
  ),
  write(
    'byFunction',
    flights
      .filter(f => f.delay > 0)
      .groupBy(f => `${f.origin}/${f.tail}`)
      .aggregate({ n: count() }),
  ),
  // Two exchanges in a row, the second by another key.
  write(
    'twice',
    flights
      .groupBy('origin', 'tail')
      .aggregate({ n: count() })
      .groupBy('tail')
      .aggregate({ origins: count(), n: sum('n') }),
  ),
  write(
    'reduced',
    flights.groupBy('tail').reduce((a, b) => (a.delay > b.delay || (a.delay === b.delay && a.id < b.id) ? a : b)),
  ),
  write('distinct', flights.pick('origin', 'tail').distinct()),
  write('firstOf', flights.where(f => f.file.eq(2)).distinct('origin')),
  write('all', flights.aggregate({ n: count(), sum: sum('delay'), last: max('id') })),
  write('none', flights.where(f => f.delay.gt(1000)).aggregate({ n: count(), sum: sum('delay') })),
  write(
    'noGroups',
    flights
      .where(f => f.delay.gt(1000))
      .groupBy('origin')
      .count(),
  ),
  write(
    'running',
    flights
      .keyBy('origin')
      .scan(
        () => ({ id: -1, file: -1, origin: '', rows: 0 }),
        ({ rows }, f) => ({ id: f.id, file: f.file, origin: f.origin, rows: rows + 1 }),
      )
      .as({ id: int32, file: int32, origin: text, rows: double }),
  ),
  write(
    'opaque',
    flights
      .map(f => ({ half: f.id >> 1, delay: f.delay }))
      .groupBy('half')
      .reduce((a, b) => ({ half: a.half, delay: a.delay + b.delay })),
  ),
])
