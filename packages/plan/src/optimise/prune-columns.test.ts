import { Schema } from '@millrace/algebra'
import { by, shapeOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { call, column, literal } from '../expression/build.ts'
import type { AggregateCall, JoinHow, PlanNode, SourceSpec } from '../node.ts'
import { aggregateNode } from '../nodes/aggregate.ts'
import { sideNode, sinkNode } from '../nodes/ends.ts'
import { joinNode } from '../nodes/join.ts'
import { reduceNode, scanNode } from '../nodes/keyed.ts'
import { distinctNode, limitNode, sortNode } from '../nodes/ordered.ts'
import { eventTimeNode, functionNode, projectNode, whereNode } from '../nodes/rows.ts'
import { unionNode } from '../nodes/union.ts'
import { optimise } from './optimise.ts'
import { pruneColumns } from './prune-columns.ts'

const all = 'a int32, b text, c double, d boolean'
const source = (spec: Partial<SourceSpec> = {}, columns = all) =>
  sourceOf(columns, { label: 't', bounded: true, prunes: true, ...spec })
const pick = (input: PlanNode, ...names: string[]) =>
  projectNode({ input, columns: names.map(name => ({ name, expression: column(input.schema, name) })), site })
const count: AggregateCall = { name: 'n', aggregate: 'count', argument: null }
const largest = (input: PlanNode, name: string): AggregateCall => ({
  name: `max_${name}`,
  aggregate: 'max',
  argument: column(input.schema, name),
})
const grouped = (input: PlanNode, key: string | null, ...aggregates: AggregateCall[]) =>
  aggregateNode({ input, key: key === null ? null : by(key), window: null, aggregates, site })
const pruned = (...plan: PlanNode[]) => shapeOf(...pruneColumns(plan))

describe('sources', () => {
  test('read what is needed, in their order', () => {
    const input = source()
    expect(pruned(pick(input, 'c', 'a'))).toBe('project c, a\n└─ source t: a, c (2 of 4 columns)')
    const [node] = pruneColumns([pick(input, 'c', 'a')])
    expect(textOf((node as { input: PlanNode } & PlanNode).input.schema)).toBe('a int32, c double')
  })
  test('that cannot read less read all', () => {
    expect(pruned(pick(source({ prunes: false }), 'a'))).toBe('project a\n└─ source t: a, b, c, d')
    const lines = sourceOf('', { label: 't', bounded: true, prunes: true })
    expect(pruned(pick(lines, 'a'))).toBe('project a\n└─ source t')
  })
  test('read all columns their predicates are about', () => {
    const input = source({ accepts: () => true })
    const filtered = whereNode({ input, predicate: call('gt', [column(input.schema, 'c'), literal(1)]), site })
    expect(shapeOf(...optimise([pick(filtered, 'a')]))).toBe(
      'project a\n└─ source t: a, c (2 of 4 columns), where c > 1',
    )
    expect(shapeOf(...optimise([grouped(filtered, null, count)]))).toBe(
      'aggregate all rows: n = COUNT(*)\n└─ source t: c (1 of 4 columns), where c > 1',
    )
  })
  test('of which nothing is needed read the cheapest', () => {
    expect(pruned(grouped(source(), null, count))).toBe(
      'aggregate all rows: n = COUNT(*)\n└─ source t: d (1 of 4 columns)',
    )
    const wide = source({}, 'x any, b text, i bigint, t timestamp')
    expect(pruned(grouped(wide, null, count))).toMatch(': t (1 of 4 columns)')
  })
  test('that several use read what all of them need', () => {
    const input = source()
    expect(pruned(pick(input, 'a'), grouped(input, 'b', count))).toBe(
      `project a
└─ source#1: source t: a, b (2 of 4 columns)
aggregate by b: n = COUNT(*)
└─ project b
   └─ source#1 (above)`,
    )
  })
})

describe('what nodes look at themselves', () => {
  const input = source()
  test.each<[string, PlanNode]>([
    ['a, c', whereNode({ input, predicate: call('gt', [column(input.schema, 'c'), literal(1)]), site })],
    ['a, c', sortNode({ input, by: [{ expression: column(input.schema, 'c'), descending: true }], site })],
    ['a, c', distinctNode({ input, key: by('c'), site })],
    ['a, b, c, d', distinctNode({ input, key: null, site })],
    ['a', limitNode({ input, rows: 1, site })],
    ['a, b, c, d', functionNode({ input, kind: 'filter', fn: () => true, site })],
    ['a, b, c, d', reduceNode({ input, key: by('a'), window: null, fn: (a: unknown) => a, site })],
    ['a, b, c, d', distinctNode({ input, key: { kind: 'function', fn: () => 1 }, site })],
    [
      'a, c',
      eventTimeNode({
        input,
        time: column(input.schema, 'c'),
        strategy: { disorderMs: 0, idleMs: undefined, everyRows: 1 },
        site,
      }),
    ],
    [
      'a, b, c, d',
      eventTimeNode({ input, time: () => 0, strategy: { disorderMs: 0, idleMs: undefined, everyRows: 1 }, site }),
    ],
  ])('%s', (columns, node) => {
    const [result] = pruneColumns([pick(node, 'a')])
    expect(shapeOf(result!)).toMatch(new RegExp(`source t: ${columns}( \\(|$)`))
    const below = (result as PlanNode & { input: PlanNode }).input
    expect(below.schema.fields.map(f => f.name).join(', ')).toBe(columns)
  })
  test('maps and sinks look at everything', () => {
    expect(pruned(functionNode({ input, kind: 'map', fn: () => 1, site }))).toMatch('source t: a, b, c, d')
    const scan = scanNode({ input, key: by('a'), initial: () => 1, fn: () => 1, site })
    expect(pruned(scan)).toMatch('source t: a, b, c, d')
    const sink = sinkNode({ input: pick(input, 'a'), sink: { label: 'x', takes: ['bounded'] }, site })
    expect(pruned(sink)).toBe('sink x\n└─ project a\n   └─ source t: a (1 of 4 columns)')
    expect(pruneColumns([sinkNode({ input, sink: { label: 'x', takes: ['bounded'] }, site })])[0]).toMatchObject({
      input,
    })
  })
})

describe('aggregates', () => {
  test('are given keys and arguments', () => {
    const input = source({ prunes: false })
    expect(pruned(grouped(input, 'b', largest(input, 'c'), count))).toBe(
      'aggregate by b: max_c = MAX(c), n = COUNT(*)\n└─ project b, c\n   └─ source t: a, b, c, d',
    )
  })
  test('of the user see the whole row', () => {
    const input = source()
    const custom = { create: () => 1, add: () => 1, merge: () => 1, result: () => 1 }
    expect(pruned(grouped(input, 'a', { name: 'x', aggregate: custom, argument: null }))).toMatch(
      'source t: a, b, c, d',
    )
    const key = { kind: 'function', fn: () => 1 } as const
    expect(pruned(aggregateNode({ input, key, window: null, aggregates: [count], site }))).toMatch(
      'source t: a, b, c, d',
    )
  })
  test('whose late rows are used keep what those need', () => {
    const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1 }
    const input = source()
    const timed = eventTimeNode({ input, time: column(input.schema, 'c'), strategy, site })
    const window = { kind: 'tumbling', sizeMs: 1, slideMs: 1, offsetMs: 0 } as const
    const node = aggregateNode({ input: timed, key: by('a'), window, aggregates: [count], site })
    const late = sideNode({ input: node, side: 'late', site })
    const [main, side] = pruneColumns([node, pick(late, 'd')])
    expect(shapeOf(main!, side!)).toBe(
      `aggregate#1: aggregate by a, tumbling 1ms: n = COUNT(*)
└─ project a, d
   └─ eventTime c, disorder 0ms
      └─ source t: a, c, d (3 of 4 columns)
project d
└─ side late
   └─ aggregate#1 (above)`,
    )
    expect(textOf((side as { input: PlanNode } & PlanNode).input.schema)).toBe('a int32, d boolean')
    expect(textOf(pruneColumns([late])[0]!.schema)).toBe(textOf(schemaOfAll))
  })
  const schemaOfAll = source().schema
})

describe('unions', () => {
  test('have the same columns on all sides', () => {
    const filtered = (input: PlanNode) =>
      whereNode({ input, predicate: call('gt', [column(input.schema, 'c'), literal(1)]), site })
    const union = unionNode({ inputs: [filtered(source()), source(), source({ prunes: false })], site })
    expect(pruned(pick(union, 'a'))).toBe(
      `project a
└─ union
   ├─ project a
   │  └─ where c > 1
   │     └─ source t: a, c (2 of 4 columns)
   ├─ source t: a (1 of 4 columns)
   └─ project a
      └─ source t: a, b, c, d`,
    )
  })
  test('that agree on more are left', () => {
    const whole = () => source({ prunes: false })
    const union = unionNode({ inputs: [whole(), whole()], site })
    expect(pruned(pick(union, 'a'))).toBe('project a\n└─ union\n   ├─ source t: a, b, c, d\n   └─ source t: a, b, c, d')
  })
  test('of which nothing is needed agree on one column', () => {
    const picked = (...names: string[]) => pick(source(), ...names)
    const union = unionNode({ inputs: [picked('a', 'c'), picked('a', 'c')], site })
    expect(pruned(grouped(union, null, count))).toMatch(/├─ project a\n.* t: a .*\n.*└─ project a\n.* t: a /)
  })
})

describe('joins', () => {
  const join = (how: JoinHow = 'inner') =>
    joinNode({
      left: source({ label: 'l' }, 'a int32, b text, k int32'),
      right: source({ label: 'r', prunes: false }, 'x int32, y text, k int32'),
      how,
      leftKey: by('k'),
      rightKey: by('k'),
      site,
    })
  const origins = (node: PlanNode) =>
    node.kind === 'join' ? node.columns!.map(c => c.side[0]! + c.column).join(' ') : node.kind
  const below = (node: PlanNode | undefined) => (node as { input: PlanNode } & PlanNode).input

  test('take keys and what is asked of them, and make no more', () => {
    const plan = pruneColumns([pick(join(), 'y', 'a')])
    expect(shapeOf(...plan)).toBe(
      `project y, a
└─ join inner on k = k
   ├─ source l: a, k (2 of 3 columns)
   └─ project y, k
      └─ source r: x, y, k`,
    )
    expect([textOf(below(plan[0]).schema), origins(below(plan[0]))]).toEqual(['a int32, y text', 'l0 r0'])
  })
  test('of which nothing is needed make one column', () => {
    const plan = pruneColumns([grouped(join(), null, count)])
    expect([textOf(below(plan[0]).schema), origins(below(plan[0]))]).toEqual(['a int32', 'l0'])
  })
  test('that only ask for partners let rows through as they are', () => {
    for (const how of ['semi', 'anti'] as const) {
      const plan = pruneColumns([pick(join(how), 'b')])
      expect(textOf(below(plan[0]).schema)).toBe('b text, k int32')
      expect(origins(below(plan[0]))).toBe('l0 l1')
      expect(shapeOf(...plan)).toMatch(/├─ source l: b, k .*\n {3}└─ project k\n/)
    }
  })
  test('find the shared key of a full join by its place in the key', () => {
    const plan = pruneColumns([pick(join('full'), 'k', 'y')])
    expect(origins(below(plan[0]))).toBe('k0 r0')
  })
  test('with functions look at everything', () => {
    const left = source({ label: 'l' }, 'a int32, b text')
    const key = { kind: 'function', fn: () => 1 } as const
    const right = source({ label: 'r' }, 'x int32, y text')
    const keyed = joinNode({ left, right, how: 'inner', leftKey: key, rightKey: by('x'), site })
    expect(pruned(pick(keyed, 'a'))).toMatch(/source l: a, b\n.*source r: x \(1/)
    const made = joinNode({ left, right, how: 'inner', leftKey: by('a'), rightKey: by('x'), select: () => 1, site })
    expect(Schema.isOpaque(made.schema)).toBe(true)
    expect(pruned(made)).toMatch(/source l: a, b\n.*source r: x, y/)
  })
  test('that need everything stay the same', () => {
    const node = join()
    expect(pruneColumns([node])[0]).toBe(node)
  })
})

test('the main job reads what it needs, joins little, and makes its watermarks of all rows', () => {
  const accepts = () => true
  const flights = sourceOf('date timestamp, delay int32, distance int32, origin text, destination text', {
    label: 'flights',
    prunes: true,
    accepts,
  })
  const airports = source({ label: 'airports', accepts }, 'iata text, name text, city text, state text')
  const minutes = call('times', [column(flights.schema, 'delay'), literal(60_000)])
  const timed = eventTimeNode({
    input: flights,
    time: call('plus', [column(flights.schema, 'date'), minutes]),
    strategy: { disorderMs: 3_600_000, idleMs: undefined, everyRows: 1024 },
    site,
  })
  const joined = joinNode({
    left: timed,
    right: airports,
    how: 'inner',
    leftKey: by('origin'),
    rightKey: by('iata'),
    site,
  })
  const filtered = whereNode({
    input: joined,
    predicate: call('ne', [column(joined.schema, 'state'), literal('AK')]),
    site,
  })
  const window = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 } as const
  const delays = aggregateNode({
    input: filtered,
    key: by('state'),
    window,
    aggregates: [count, largest(filtered, 'delay')],
    site,
  })
  expect(shapeOf(...optimise([delays]))).toBe(
    `aggregate by state, tumbling 1d: n = COUNT(*), max_delay = MAX(delay)
└─ join inner on origin = iata
   ├─ project delay, origin
   │  └─ eventTime date + delay * 60000, disorder 1h
   │     └─ source flights: date, delay, origin (3 of 5 columns)
   └─ source airports: iata, state (2 of 4 columns), where state <> 'AK'`,
  )
})
