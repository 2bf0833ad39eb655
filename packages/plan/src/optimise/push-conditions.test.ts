import { by, schemaOf, shapeOf, site, sourceOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { call, cast, column, literal } from '../expression/build.ts'
import type { Expression } from '../expression/expression.ts'
import { columnsOf } from '../expression/traverse.ts'
import type { JoinHow, PlanNode, WindowSpec } from '../node.ts'
import { aggregateNode } from '../nodes/aggregate.ts'
import { sideNode, sinkNode, streamNode } from '../nodes/ends.ts'
import { joinNode } from '../nodes/join.ts'
import { processNode } from '../nodes/keyed.ts'
import { distinctNode, limitNode, sortNode } from '../nodes/ordered.ts'
import { eventTimeNode, functionNode, projectNode, whereNode } from '../nodes/rows.ts'
import { unionNode } from '../nodes/union.ts'
import { pushConditions } from './push-conditions.ts'

const source = (columns = 'a int32, b text, c double', label = 't') => sourceOf(columns, { label, bounded: true })
const condition = (input: PlanNode, name: string, value: number | string = 1) =>
  call('gt', [column(input.schema, name), literal(value)])
const where = (input: PlanNode, predicate: Expression, name?: string) => whereNode({ input, predicate, site, name })
const over = (input: PlanNode, name: string, value: number | string = 1) => where(input, condition(input, name, value))
const and = (...all: Expression[]) => all.reduce((a, b) => call('and', [a, b]))
/** Fails for a text that is no number. */
const mayFail = (input: PlanNode) => call('gt', [cast(column(input.schema, 'b'), 'double'), literal(0)])
const pushed = (...plan: PlanNode[]) => shapeOf(...pushConditions(plan))
const t = '└─ source t: a, b, c'
const day: WindowSpec = { kind: 'tumbling', sizeMs: 86_400_000, slideMs: 86_400_000, offsetMs: 0 }
const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 1024 }

describe('through', () => {
  test('projections, as what they compute', () => {
    const input = source()
    const columns = [
      { name: 'x', expression: call('plus', [column(input.schema, 'a'), literal(1)]) },
      { name: 'b', expression: column(input.schema, 'b') },
    ]
    const project = projectNode({ input, columns, site })
    expect(pushed(over(project, 'x', 5))).toBe(`project x = a + 1, b\n└─ where a + 1 > 5\n   ${t}`)
  })
  test('unions, into each input', () => {
    const union = unionNode({ inputs: [source(), source()], site })
    expect(pushed(over(union, 'a'))).toBe(`union\n├─ where a > 1\n│  ${t}\n└─ where a > 1\n   ${t}`)
  })
  test('sort, stream and distinct', () => {
    const input = source()
    const sort = sortNode({ input, by: [{ expression: column(input.schema, 'a'), descending: false }], site })
    const distinct = distinctNode({ input: streamNode({ input: sort, site }), key: null, site })
    expect(pushed(over(distinct, 'c'))).toBe(
      `distinct\n└─ stream\n   └─ sort by a\n      └─ where c > 1\n         ${t}`,
    )
  })
  test('distinct and aggregates by key, where it is about the key only', () => {
    const input = source()
    const distinct = distinctNode({ input, key: by('a', 'b'), site })
    const both = where(distinct, and(condition(distinct, 'a'), condition(distinct, 'c')))
    expect(pushed(both)).toBe(`where c > 1\n└─ distinct by a, b\n   └─ where a > 1\n      ${t}`)
    const count = [{ name: 'n', aggregate: 'count', argument: null }] as const
    const grouped = aggregateNode({ input, key: by('a'), window: null, aggregates: count, site })
    const all = where(grouped, and(condition(grouped, 'n'), condition(grouped, 'a')))
    expect(pushed(all)).toBe(`where n > 1\n└─ aggregate by a: n = COUNT(*)\n   └─ where a > 1\n      ${t}`)
  })
  test('no aggregate of all rows, which is there even of none', () => {
    const input = source()
    const count = [{ name: 'n', aggregate: 'count', argument: null }] as const
    const whole = aggregateNode({ input, key: null, window: null, aggregates: count, site })
    expect(pushed(where(whole, literal(false)))).toMatch(/^where FALSE\n└─ aggregate all rows/)
    const key = { kind: 'function', fn: () => 1 } as const
    const byFunction = aggregateNode({ input, key, window: null, aggregates: count, site })
    expect(pushed(over(byFunction, 'n'))).toMatch(/^where n > 1\n└─ aggregate by fn/)
  })
  test('nothing that counts rows or calls functions', () => {
    const input = source()
    const process = processNode({
      input,
      key: by('a'),
      state: {},
      sides: {},
      onElement: () => 1,
      schema: input.schema,
      site,
    })
    for (const node of [
      limitNode({ input, rows: 3, site }),
      functionNode({ input, kind: 'filter', fn: () => true, site }),
      functionNode({ input, kind: 'map', fn: () => 1, schema: input.schema, site }),
      process,
    ])
      expect(pushed(over(node, 'a'))).toMatch(/^where a > 1\n└─ (limit|filter|map|process)/)
  })
})

describe('joins', () => {
  const left = source('a int32, b text, k int32', 'l')
  const right = source('x int32, y text, z int32', 'r')
  const join = (how: JoinHow) => joinNode({ left, right, how, leftKey: by('k'), rightKey: by('z'), site })
  /** Where the conditions end up: above, left, right. */
  const places = (node: PlanNode, ...names: string[]) => {
    const [top] = pushConditions([where(node, and(...names.map(name => condition(node, name))))])
    const columnsAt = (n: PlanNode) => (n.kind === 'where' ? [...columnsOf(n.predicate)].join() : '')
    const below = top!.kind === 'where' ? top!.input : top!
    if (below.kind !== 'join') throw new Error(`expected a join, not ${below.kind}`)
    return `${columnsAt(top!)} | ${columnsAt(below.left)} | ${columnsAt(below.right)}`
  }
  test.each<[JoinHow, string]>([
    ['inner', ' | a | x'],
    ['left', 'x | a | '],
    ['right', 'a |  | x'],
    ['full', 'a,x |  | '],
  ])('%s', (how, expected) => expect(places(join(how), 'a', 'x')).toBe(expected))
  test.each<[JoinHow, string]>([
    ['semi', ' | a | '],
    ['anti', ' | a | '],
  ])('%s', (how, expected) => expect(places(join(how), 'a')).toBe(expected))
  test('a condition on both sides stays', () => {
    const node = join('inner')
    const both = call('lt', [column(node.schema, 'a'), column(node.schema, 'x')])
    expect(pushed(where(node, both))).toMatch(/^where a < x\n└─ join/)
  })
  test('a condition on the key is one on both keys', () => {
    expect(places(join('inner'), 'k')).toBe(' | k | z')
    expect(places(join('inner'), 'z')).toBe(' | k | z')
    expect(places(join('left'), 'k')).toBe(' | k | z')
    expect(places(join('left'), 'z')).toBe('z |  | ')
    expect(places(join('right'), 'z')).toBe(' | k | z')
    expect(places(join('anti'), 'k')).toBe(' | k | z')
    expect(places(join('full'), 'k')).toBe('k |  | ')
  })
  test('but not where equal keys differ: 0 and -0', () => {
    const doubles = joinNode({
      left: source('k double', 'l'),
      right: source('z double', 'r'),
      how: 'inner',
      leftKey: by('k'),
      rightKey: by('z'),
      site,
    })
    expect(places(doubles, 'k')).toBe(' | k | ')
    const mixed = joinNode({ left, right: source('z double'), how: 'inner', leftKey: by('k'), rightKey: by('z'), site })
    expect(places(mixed, 'k')).toBe(' | k | ')
  })
  test('a condition on the key and another column is about one side', () => {
    const node = join('inner')
    const both = call('lt', [column(node.schema, 'a'), column(node.schema, 'k')])
    expect(pushed(where(node, both))).toBe(
      'join inner on k = z\n├─ where a < k\n│  └─ source l: a, b, k\n└─ source r: x, y, z',
    )
  })
  test('columns are found under their new names', () => {
    const node = joinNode({ left, right: left, how: 'inner', leftKey: by('k'), rightKey: by('k'), prefix: 'r_', site })
    expect(pushed(over(node, 'r_a'))).toMatch('└─ where a > 1')
    expect(pushed(over(node, 'a'))).toMatch('├─ where a > 1')
  })
  test('rows that a function made are not looked into', () => {
    const keys = { leftKey: by('k'), rightKey: by('z') }
    const made = joinNode({ left, right, how: 'inner', ...keys, select: () => 1, schema: schemaOf('a int32'), site })
    expect(pushed(over(made, 'a'))).toMatch(/^where a > 1\n└─ join/)
  })
})

describe('event time', () => {
  const timed = () => {
    const input = source()
    return eventTimeNode({ input, time: column(input.schema, 'c'), strategy, site })
  }
  const window = (input: PlanNode) => aggregateNode({ input, key: by('a'), window: day, aggregates: [], site })
  test('lets conditions through where no watermark decides', () => {
    const project = over(timed(), 'a')
    expect(pushed(project)).toBe(`eventTime c, disorder 0ms\n└─ where a > 1\n   ${t}`)
    const count = aggregateNode({ input: project, key: by('a'), window: null, aggregates: [], site })
    expect(pushed(count)).toMatch(/eventTime c, disorder 0ms\n {3}└─ where a > 1/)
  })
  test('keeps them where one does: rows it had not seen would not make others late', () => {
    expect(pushed(window(over(timed(), 'a')))).toMatch(/└─ where a > 1\n {3}└─ eventTime/)
    const input = over(timed(), 'a')
    const process = processNode({ input, key: by('a'), state: {}, sides: {}, onElement: () => 1, site })
    expect(pushed(process)).toMatch(/└─ where a > 1\n {3}└─ eventTime/)
  })
  test('is asked of all that comes after, however far', () => {
    const union = unionNode({ inputs: [over(timed(), 'a'), timed()], site })
    expect(pushed(limitNode({ input: window(union), rows: 1, site }))).toMatch(/where a > 1\n.*eventTime/)
  })
  test('that a source makes itself is no different', () => {
    const accepts = () => true
    const own = sourceOf('a int32', { label: 't', bounded: true, timed: true, accepts })
    expect(pushed(over(own, 'a'))).toBe('source t: a, where a > 1')
    expect(pushed(window(over(own, 'a')))).toMatch(/└─ where a > 1\n {3}└─ source t: a$/)
    const untimed = sourceOf('a int32, c double', { label: 't', bounded: true, accepts })
    const time = column(untimed.schema, 'c')
    const later = window(eventTimeNode({ input: over(untimed, 'a'), time, strategy, site }))
    expect(pushed(later)).toMatch(/source t: a, c, where a > 1$/)
  })
})

describe('sources', () => {
  const accepting = (accepts: (e: Expression) => boolean) =>
    sourceOf('a int32, b text, c double', { label: 't', bounded: true, accepts })
  test('take what they accept', () => {
    const input = accepting(e => columnsOf(e).has('a'))
    const all = where(input, and(condition(input, 'a'), condition(input, 'c'), condition(input, 'a', 5)))
    expect(pushed(all)).toBe('where c > 1\n└─ source t: a, b, c, where a > 1 AND a > 5')
  })
  test('are not asked what may fail', () => {
    const input = accepting(() => true)
    expect(pushed(where(input, mayFail(input)))).toMatch(/^where CAST/)
    const opaque = sourceOf('', { label: 't', bounded: true, accepts: () => true })
    expect(pushed(where(opaque, column(opaque.schema, 'ok')))).toBe('where ok\n└─ source t')
  })
  test('keep what they were given before', () => {
    const input = accepting(() => true)
    const [once] = pushConditions([over(input, 'a')])
    expect(pushed(over(once!, 'c'))).toBe('source t: a, b, c, where a > 1 AND c > 1')
  })
})

describe('conditions that may fail', () => {
  test('do not overtake those that keep rows from them', () => {
    const input = source()
    const columns = ['a', 'b', 'c'].map(name => ({ name, expression: column(input.schema, name) }))
    const limited = limitNode({ input, rows: 5, site })
    const guarded = (node: PlanNode) => where(node, and(condition(node, 'a'), mayFail(node)))
    const project = projectNode({ input: limited, columns, site })
    expect(pushed(guarded(project))).toMatch(
      /^project a, b, c\n└─ where a > 1 AND CAST\(b AS DOUBLE\) > 0\n {3}└─ limit/,
    )
    const grouped = distinctNode({ input, key: by('b'), site })
    expect(pushed(guarded(grouped))).toMatch(/^where a > 1 AND CAST\(b AS DOUBLE\) > 0\n└─ distinct/)
    const byBoth = distinctNode({ input, key: by('a', 'b'), site })
    expect(pushed(guarded(byBoth))).toMatch(/^distinct by a, b\n└─ where a > 1 AND CAST/)
  })
  test('do not go where rows come that a join would have dropped', () => {
    const input = source()
    const join = joinNode({
      left: input,
      right: source('a int32', 'r'),
      how: 'semi',
      leftKey: by('a'),
      rightKey: by('a'),
      site,
    })
    expect(pushed(where(join, mayFail(join)))).toMatch(/^where CAST\(b AS DOUBLE\) > 0\n└─ join/)
    const grouped = aggregateNode({ input, key: by('b'), window: null, aggregates: [], site })
    expect(pushed(where(grouped, mayFail(grouped)))).toMatch(/^where CAST\(b AS DOUBLE\) > 0\n└─ aggregate/)
  })
  test('are not asked of rows for which a condition before is null', () => {
    const input = source('a int32?, b text')
    const twice = where(over(input, 'a'), mayFail(input))
    expect(pushed(twice)).toBe('where CAST(b AS DOUBLE) > 0\n└─ where a > 1\n   └─ source t: a, b')
    const safe = over(over(input, 'a'), 'b', 'x')
    expect(pushed(safe)).toBe("where a > 1 AND b > 'x'\n└─ source t: a, b")
  })
})

describe('nodes', () => {
  test('that several use are left whole and one', () => {
    const input = source()
    const columns = [{ name: 'x', expression: column(input.schema, 'a') }]
    const shared = projectNode({ input, columns, site })
    expect(pushed(over(shared, 'x'), shared)).toBe(
      `where x > 1\n└─ project#1: project x = a\n   ${t}\nproject#1 (above)`,
    )
    const filtered = over(input, 'a')
    expect(pushed(over(filtered, 'c'), filtered)).toBe(`where c > 1\n└─ where#1: where a > 1\n   ${t}\nwhere#1 (above)`)
  })
  test('with side outputs are left whole and one', () => {
    const timed = eventTimeNode({ input: source(), time: () => 0, strategy, site })
    const window = aggregateNode({ input: timed, key: by('a'), window: day, aggregates: [], site })
    const late = sideNode({ input: window, side: 'late', site })
    expect(pushed(over(window, 'a'), late)).toMatch(/^where a > 1\n└─ aggregate#1: /)
    expect(pushed(over(window, 'a'))).toMatch(/^aggregate/)
  })
  test('that do not change stay the same', () => {
    const filtered = over(source(), 'a')
    const sink = sinkNode({ input: filtered, sink: { label: 'x', takes: ['bounded'] }, site })
    expect(pushConditions([sink, filtered])).toEqual([sink, filtered])
    expect(pushConditions([sink])[0]).toBe(sink)
  })
  test('keep their names and sites', () => {
    const columns = (input: PlanNode) => [{ name: 'a', expression: column(input.schema, 'a') }]
    const input = projectNode({ input: source(), columns: columns(source()), site })
    const [moved] = pushConditions([where(input, condition(input, 'a'), 'mine')])
    expect(moved).toMatchObject({ kind: 'project', input: { kind: 'where', name: 'mine', site } })
    const unmerged = where(where(source(), condition(source(), 'a'), 'mine'), condition(source(), 'c'))
    expect(pushed(unmerged)).toBe(`where c > 1\n└─ mine: where a > 1\n   ${t}`)
  })
  test('of which only a part moved lose their name, and copies too', () => {
    const union = unionNode({ inputs: [source(), source()], site })
    expect(pushed(where(union, condition(union, 'a'), 'mine'))).not.toMatch('mine')
    const input = distinctNode({ input: source(), key: by('a'), site })
    const both = where(input, and(condition(input, 'a'), condition(input, 'c')), 'mine')
    expect(pushed(both)).toMatch(/^where c > 1\n└─ distinct by a\n {3}└─ where a > 1/)
  })
})
