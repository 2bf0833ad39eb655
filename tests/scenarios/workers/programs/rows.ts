/** Steps of single rows, unions, order, and the first rows. */
import { count, generate, int32, max, text } from 'millrace'
import { csv, parquet } from 'millrace/files'
import { env, flightColumns, flightFiles, table, target, write } from './around.ts'

const flights = env.dataset(flightFiles)
const oneFile = env.dataset(csv(table('flights/2.csv'), flightColumns))
const sorted = flights.sortBy(f => [f.delay.descending(), f.id])

await env.run([
  write(
    'chain',
    flights
      .where(f => f.delay.gt(10))
      .select(f => ({ id: f.id, late: f.delay.times(2) }))
      .filter(f => f.id % 2 === 0),
  ),
  write(
    'flat',
    flights.flatMap(f => Array.from({ length: f.id % 3 }, (_, i) => ({ id: f.id, i }))),
  ),
  write(
    'oneSplit',
    oneFile.filter(f => f.delay !== 0).map(f => ({ id: f.id })),
  ),
  write('files', flights.pick('id', 'file')),
  write('union', oneFile.pick('id').union(flights.where(f => f.id.lt(100)).pick('id'))),
  write('unionOfOne', oneFile.pick('id').union(oneFile.where(f => f.id.lt(100)).pick('id'))),
  write(
    'rebalanced',
    oneFile.rebalance().flatMap(f => [
      { id: f.id, sign: 1 },
      { id: f.id, sign: -1 },
    ]),
  ),
  write(
    'rebalancedKeyed',
    oneFile
      .rebalance()
      .filter(f => f.delay > 0)
      .rebalance()
      .groupBy('origin')
      .count(),
  ),
  write('sorted', sorted.pick('id', 'delay')),
  write('firstSorted', sorted.pick('id', 'delay').first(1500)),
  write('first', flights.first(2000).pick('id')),
  write('firstOfOne', oneFile.first(700).pick('id')),
  write(
    'behindSort',
    sorted.map(f => ({ id: f.id })).filter(f => f.id % 2 === 1),
  ),
  write('countOfFirst', sorted.first(1500).groupBy('origin').count()),
  write(
    'globalOfKeyed',
    flights
      .groupBy('origin')
      .count()
      .aggregate({ keys: count(), most: max('count') }),
  ),
  write('sortedAgain', flights.groupBy('origin').count().sortBy('origin').pick('origin')),
  flights.pick('id', 'delay').to(parquet(target('parquet/'))),
  flights.pick('id', 'delay').to(csv(target('csv/'))),
  sorted.pick('id', 'delay').to(csv(target('sorted.csv'))),
  write(
    'generated',
    env.dataset(generate({ rows: 5000, schema: { n: int32, name: text } }, n => ({ n, name: `g${n % 10}` }))),
  ),
])
