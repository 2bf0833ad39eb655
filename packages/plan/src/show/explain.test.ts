import { by, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { column } from '../expression/build.ts'
import type { SinkSpec, WindowSpec } from '../node.ts'
import { aggregateNode } from '../nodes/aggregate.ts'
import { sideNode, sinkNode } from '../nodes/ends.ts'
import { joinNode } from '../nodes/join.ts'
import { eventTimeNode } from '../nodes/rows.ts'
import { unionNode } from '../nodes/union.ts'
import { explain } from './explain.ts'

const at = (line: number) => ({ file: 'delays.ts', line, column: 3 })
const sink = (label: string): SinkSpec => ({ label, takes: ['bounded', 'appending', 'updating'] })
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }

const departure = (f: { date: number; delay: number }) => f.date + f.delay * 60_000

test('the main job', () => {
  const airports = sourceOf('iata text, state text', { label: 'csv airports.csv', bounded: true })
  const flights = sourceOf('date timestamp, delay int32, origin text', { label: 'parquet flights.parquet' })
  const departed = eventTimeNode({
    input: flights,
    time: departure,
    strategy: { disorderMs: 3_600_000, idleMs: 10_000, everyRows: 1024 },
    site: at(6),
  })
  const joined = joinNode({
    left: departed,
    right: airports,
    how: 'inner',
    leftKey: by('origin'),
    rightKey: by('iata'),
    site: at(9),
  })
  const delay = column(joined.schema, 'delay')
  const delays = aggregateNode({
    input: joined,
    key: by('state'),
    window: day,
    aggregates: [
      { name: 'departures', aggregate: 'count', argument: null },
      { name: 'mean', aggregate: 'avg', argument: delay },
    ],
    site: at(12),
    name: 'delays',
  })
  const late = sideNode({ input: delays, side: 'late', site: at(15) })
  const sinks = [
    sinkNode({ input: delays, sink: sink('parquet delays/'), site: at(16) }),
    sinkNode({ input: late, sink: sink('count'), site: undefined }),
  ]
  expect(explain(sinks)).toBe(
    `
sink parquet delays/  [appending]  at delays.ts:16:3
└─ delays: aggregate by state, tumbling 1d: departures = COUNT(*), mean = AVG(delay)  [appending]  at delays.ts:12:3
   └─ join inner on origin = iata  [appending]  at delays.ts:9:3
      ├─ eventTime departure, disorder 1h, idle after 10s  [appending]  at delays.ts:6:3
      │  └─ source parquet flights.parquet: date, delay, origin  [appending]  at job.ts:3:5
      └─ source csv airports.csv: iata, state  [bounded]  at job.ts:3:5
sink count  [appending]
└─ side late  [appending]  at delays.ts:15:3
   └─ delays (above)`.slice(1),
  )
})

test('a shared node is shown once', () => {
  const source = sourceOf('a int32')
  const union = unionNode({ inputs: [source, source], site: undefined })
  expect(explain([union, union])).toBe(
    `
union#1: union  [appending]
├─ source#1: source test: a  [appending]  at job.ts:3:5
└─ source#1 (above)
union#1 (above)`.slice(1),
  )
})
