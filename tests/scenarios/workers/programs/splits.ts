/** Sources with no split, one, two and five: workers without a share hold nobody up. */
import { count, fromRows, generate, int32, sum, text, tumbling } from 'millrace'
import { csv, jsonLines } from 'millrace/files'
import { env, flightColumns, flightFiles, table, target, write } from './around.ts'

const rows = Array.from({ length: 3000 }, (_, i) => ({ id: i, name: `n${i % 13}` }))
const none = Object.assign(fromRows([], { id: int32, name: text }), { splits: async () => [] })
const sources = {
  none,
  noRows: fromRows([], { id: int32, name: text }),
  one: fromRows(rows, { id: int32, name: text }),
  two: fromRows(rows, { id: int32, name: text }, { splits: 2 }),
  five: fromRows(rows, { id: int32, name: text }, { splits: 5 }),
  opaque: fromRows(rows, undefined, { splits: 5 }),
  generated: generate({ rows: 3000, splits: 5 }, i => rows[i]!),
  perWorker: generate({ rows: 3000, schema: { id: int32, name: text } }, i => rows[i]!),
}
const empty = env.dataset(csv(table('empty.csv'), flightColumns))

await env.run([
  ...Object.entries(sources).flatMap(([name, source]) => {
    const given = env.dataset(source)
    return [
      write(`${name}-keyed`, given.groupBy('name').aggregate({ n: count(), sum: sum('id') })),
      write(`${name}-all`, given.aggregate({ n: count() })),
      write(
        `${name}-mapped`,
        given.map(r => ({ id: r.id + 1 })),
      ),
    ]
  }),
  // The watermark is that of the splits there are.
  write(
    'windows',
    env
      .stream(sources.two)
      .eventTime(r => r.id * 1000, { disorder: '1s' })
      .keyBy('name')
      .window(tumbling('10m'))
      .aggregate({ n: count() }),
  ),
  write(
    'emptyWindows',
    env
      .stream(sources.none)
      .eventTime(r => r.id)
      .keyBy('name')
      .window(tumbling('10m'))
      .aggregate({ n: count() }),
  ),
  write('emptyRight', env.dataset(flightFiles).pick('id').join(empty.pick('id', 'delay'), { on: 'id', how: 'anti' })),
  write('emptyLeft', empty.pick('id').join(env.dataset(flightFiles).pick('id', 'delay'), { on: 'id', how: 'right' })),
  write('withEmpty', env.dataset(none).union(env.dataset(sources.one)).pick('id')),
  env.dataset(none).to(jsonLines(target('emptyFolder.jsonl/'))),
])
