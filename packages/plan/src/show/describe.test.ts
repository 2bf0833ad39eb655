import { Schema } from '@millrace/algebra'
import { by, schemaOf, site, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { call, column, literal } from '../expression/build.ts'
import type { KeySpec, PlanNode, SourceNode, WindowSpec } from '../node.ts'
import { aggregateNode } from '../nodes/aggregate.ts'
import { connectBroadcastNode } from '../nodes/connect-broadcast.ts'
import { sideNode, sinkNode, sourceNode, streamNode } from '../nodes/ends.ts'
import { joinNode } from '../nodes/join.ts'
import { processNode, reduceNode, scanNode, windowProcessNode } from '../nodes/keyed.ts'
import { mapAsyncNode } from '../nodes/map-async.ts'
import { distinctNode, limitNode, sortNode } from '../nodes/ordered.ts'
import { rebalanceNode } from '../nodes/rebalance.ts'
import { eventTimeNode, functionNode, projectNode, whereNode } from '../nodes/rows.ts'
import { unionNode } from '../nodes/union.ts'
import { describe, describeFunction } from './describe.ts'
import { durationText } from './duration-text.ts'

function parse(): null {
  return null
}
const key: KeySpec = { kind: 'function', fn: parse }
const table = sourceOf('a int32, "b text', { bounded: true, timed: true, label: 'csv t.csv' }) as SourceNode
const odd = sourceOf('"b text')
const a = column(table.schema, 'a')
const sliding: WindowSpec = { kind: 'sliding', sizeMs: 10_000, slideMs: 2500, offsetMs: 60_000 }
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }
const custom = { create: parse, add: parse, merge: parse, result: parse }
const predicate = call('gt', [a, literal(1)])
const lines = sourceNode({
  source: { label: 'stdin', schema: Schema.bare('text'), bounded: false, prunes: false },
  site,
})
const late = aggregateNode({ input: table, key: by('a'), window: day, aggregates: [], site })
const process = processNode({
  input: table,
  key: by('a', '"b'),
  state: {
    last: { kind: 'value' },
    seen: { kind: 'map', ttl: { afterMs: 86_400_000, refresh: 'create' }, version: 2 },
  },
  sides: { quiet: schemaOf('n double') },
  onElement: parse,
  onTimer: parse,
  site,
})

test.each<[PlanNode, string]>([
  [table, 'source csv t.csv: a, """b"'],
  [
    { ...table, columns: ['a'], predicates: [predicate, predicate] },
    'source csv t.csv: a (1 of 2 columns), where a > 1 AND a > 1',
  ],
  [lines, 'source stdin'],
  [functionNode({ input: table, kind: 'flatMap', fn: parse, site }), 'flatMap parse'],
  [whereNode({ input: table, predicate, site }), 'where a > 1'],
  [
    projectNode({
      input: table,
      columns: [
        { name: 'a', expression: a },
        { name: 'b c', expression: a },
        { name: 'd', expression: call('plus', [a, a]) },
      ],
      site,
    }),
    'project a, "b c" = a, d = a + a',
  ],
  [eventTimeNode({ input: table, time: a, strategy, site }), 'eventTime a, disorder 0ms'],
  [unionNode({ inputs: [table, table], site }), 'union'],
  [rebalanceNode({ input: table, site }), 'rebalance'],
  [
    connectBroadcastNode({
      input: table,
      broadcast: table,
      key: null,
      state: { rules: { kind: 'broadcast', version: 2 }, kept: { kind: 'list' } },
      sides: { odd: table.schema },
      onElement: () => null,
      onBroadcast: () => null,
      site,
    }),
    'connectBroadcast; state rules (broadcast, version 2), kept (list); sides odd',
  ],
  [
    mapAsyncNode({
      input: table,
      fn: function cityOf() {},
      capacity: 5,
      ordered: false,
      timeoutMs: 5000,
      retry: { attempts: 1, backoffMs: 1, factor: 1, maxBackoffMs: 1 },
      site,
    }),
    'mapAsync cityOf, unordered, 5 at a time, within 5s',
  ],
  [
    mapAsyncNode({
      input: table,
      fn: (row: never) => row,
      capacity: 100,
      ordered: true,
      timeoutMs: 60_000,
      retry: { attempts: 3, backoffMs: 1, factor: 1, maxBackoffMs: 1 },
      site,
    }),
    'mapAsync fn, ordered, 100 at a time, within 1m, up to 3 attempts',
  ],
  [streamNode({ input: table, site }), 'stream'],
  [
    aggregateNode({
      input: table,
      key: null,
      window: null,
      aggregates: [{ name: 'best of', aggregate: custom, argument: null }],
      site,
    }),
    'aggregate all rows: "best of" = custom',
  ],
  [
    aggregateNode({
      input: table,
      key: by('"b', 'a'),
      window: sliding,
      aggregates: [{ name: 'n', aggregate: 'max', argument: a }],
      site,
    }),
    'aggregate by """b", a, sliding 10s every 2500ms offset 1m: n = MAX(a)',
  ],
  [late, 'aggregate by a, tumbling 1d'],
  [sideNode({ input: late, side: 'late', site }), 'side late'],
  [reduceNode({ input: table, key, window: null, fn: parse, site }), 'reduce parse by parse'],
  [
    windowProcessNode({ input: table, key: by('a'), window: day, fn: parse, site }),
    'windowProcess parse by a, tumbling 1d',
  ],
  [scanNode({ input: table, key: by('a'), initial: parse, fn: parse, site }), 'scan parse by a'],
  [process, 'process by a, """b"; state last (value), seen (map, for 1d after create, version 2); timers; sides quiet'],
  [processNode({ input: table, key, state: {}, sides: {}, onElement: parse, site }), 'process by parse'],
  [
    joinNode({ left: table, right: odd, how: 'left', leftKey: by('"b'), rightKey: by('"b'), prefix: 'r', site }),
    'join left on """b" = """b"',
  ],
  [
    joinNode({
      left: table,
      right: table,
      how: 'semi',
      strategy: 'broadcast',
      leftKey: by('a'),
      rightKey: by('a'),
      site,
    }),
    'join semi on a = a, broadcast',
  ],
  [
    joinNode({ left: table, right: odd, how: 'full', leftKey: key, rightKey: by('"b'), select: parse, site }),
    'join full on parse = """b", select parse',
  ],
  [distinctNode({ input: table, key: null, site }), 'distinct'],
  [distinctNode({ input: table, key: by('a'), site }), 'distinct by a'],
  [
    sortNode({
      input: table,
      by: [
        { expression: a, descending: true },
        { expression: call('negate', [a]), descending: false },
      ],
      site,
    }),
    'sort by a DESC, -a',
  ],
  [limitNode({ input: table, rows: 3, site }), 'limit 3'],
  [sinkNode({ input: table, sink: { label: 'array', takes: ['bounded'] }, site }), 'sink array'],
])('%#: %s', (node, text) => expect(describe(node)).toBe(text))

test('functions by name, or by text where that is short', () => {
  const unnamed = [() => 1, (x: never) => [x, 'a long text that goes on and on', 'until nobody wants to read it']]
  expect(describeFunction(parse)).toBe('parse')
  expect(describeFunction(unnamed[0]!)).toBe('() => 1')
  expect(describeFunction(unnamed[1]!)).toBe('anonymous')
  expect(describeFunction(Object.defineProperty(parse.bind(null), 'name', { value: '' }))).toBe('anonymous')
})

test.each([
  [0, '0ms'],
  [1, '1ms'],
  [1500, '1500ms'],
  [2000, '2s'],
  [90_000, '90s'],
  [120_000, '2m'],
  [7_200_000, '2h'],
  [604_800_000, '7d'],
  [-3_600_000, '-1h'],
])('%i is %s', (ms, text) => expect(durationText(ms)).toBe(text))
