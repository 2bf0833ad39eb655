import { field, Schema } from '@millrace/algebra'
import { by, schemaOf, site, sourceOf } from '@millrace/testing/plans'
import { expect, test } from 'vitest'
import { call, cast, column, literal } from '../expression/build.ts'
import type { PlanNode, SourceNode } from '../node.ts'
import { aggregateNode } from '../nodes/aggregate.ts'
import { sinkNode, sourceNode } from '../nodes/ends.ts'
import { joinNode } from '../nodes/join.ts'
import { processNode } from '../nodes/keyed.ts'
import { functionNode, projectNode, whereNode } from '../nodes/rows.ts'
import { unionNode } from '../nodes/union.ts'
import { fingerprint } from './fingerprint.ts'
import { toJSON } from './json.ts'

const source = () => sourceOf('a int32, b text?', { label: 'csv t.csv', bounded: true, accepts: () => true })
const above = (input: PlanNode, limit: number, name?: string) =>
  whereNode({ input, predicate: call('gt', [column(input.schema, 'a'), literal(limit)]), site, name })

/** The properties of the last node, by way of text, as a reader gets them. */
function encoded(node: PlanNode): Record<string, unknown> {
  return JSON.parse(JSON.stringify(toJSON([node]))).nodes.at(-1)
}

test('nodes, inputs first, that refer to their inputs', () => {
  const filtered = above(source(), 5, 'many')
  const sink = sinkNode({ input: filtered, sink: { label: 'array', takes: ['bounded'] }, site: undefined })
  const schema = {
    bare: false,
    columns: [
      { name: 'a', type: 'int32', nullable: false },
      { name: 'b', type: 'text', nullable: true },
    ],
  }
  const common = { collection: 'bounded', schema }
  expect(JSON.parse(JSON.stringify(toJSON([sink, filtered])))).toEqual({
    format: 'millrace-plan',
    version: 1,
    roots: ['sink#1', 'many'],
    nodes: [
      {
        id: 'source#1',
        kind: 'source',
        inputs: [],
        ...common,
        source: 'csv t.csv',
        columns: ['a', 'b'],
        predicates: [],
        site,
      },
      {
        id: 'many',
        kind: 'where',
        name: 'many',
        inputs: ['source#1'],
        ...common,
        predicate: {
          kind: 'call',
          operation: 'gt',
          operands: [
            { kind: 'column', name: 'a', type: 'int32', nullable: false },
            { kind: 'literal', value: 5, type: 'int32', nullable: false },
          ],
          type: 'boolean',
          nullable: false,
        },
        site,
      },
      { id: 'sink#1', kind: 'sink', inputs: ['many'], ...common, sink: 'array' },
    ],
  })
})

test('functions by name', () => {
  const named = function named() {}
  const unnamed = [() => 1][0]!
  const map = (fn: () => unknown) => encoded(functionNode({ input: source(), kind: 'map', fn, site })).fn
  expect([map(named), map(unnamed)]).toEqual([{ function: 'named' }, { function: 'anonymous' }])
  const aggregates = [
    { name: 'x', aggregate: { create: named, add: named, merge: named, result: unnamed }, argument: null },
  ]
  expect(encoded(aggregateNode({ input: source(), key: by('a'), window: null, aggregates, site }))).toMatchObject({
    key: { kind: 'columns', columns: ['a'] },
    window: null,
    aggregates: [{ name: 'x', aggregate: { create: { function: 'named' }, result: { function: 'anonymous' } } }],
  })
})

test('values that JSON lacks', () => {
  const literals = [Number.NaN, Number.NEGATIVE_INFINITY, -0, 5n, 0.5, 'x', true].map(literal)
  const columns = [...literals, cast(literal(null), 'text')].map((expression, i) => ({ name: `c${i}`, expression }))
  const values = (encoded(projectNode({ input: source(), columns, site })).columns as typeof columns).map(c =>
    c.expression.kind === 'literal' ? c.expression.value : c.expression,
  )
  expect(values).toEqual([
    { number: 'NaN' },
    { number: '-Infinity' },
    { number: '-0' },
    { bigint: '5' },
    0.5,
    'x',
    true,
    expect.objectContaining({ operation: 'cast', type: 'text', operands: [expect.objectContaining({ value: null })] }),
  ])
})

test('declarations of state and sides', () => {
  const cyclic: Record<string, unknown> = { twice: [] }
  cyclic.self = cyclic
  const node = processNode({
    input: source(),
    key: { kind: 'function', fn: () => 1 },
    state: {
      plain: { kind: 'value', default: { n: 1, none: undefined } },
      map: { kind: 'value', default: new Map() },
      cyclic: { kind: 'value', default: cyclic },
      symbol: { kind: 'value', default: Symbol('x') },
    },
    sides: { quiet: schemaOf('n double') },
    onElement: function onElement() {},
    site,
  })
  expect(encoded(node)).toMatchObject({
    key: { kind: 'function', fn: { function: 'fn' } },
    state: {
      plain: { kind: 'value', default: { n: 1 } },
      map: { kind: 'value', default: { object: 'Map' } },
      cyclic: { kind: 'value', default: { twice: [], self: { object: 'cyclic' } } },
      symbol: { default: null },
    },
    sides: { quiet: { bare: false, columns: [{ name: 'n', type: 'double', nullable: false }] } },
    onElement: { function: 'onElement' },
  })
  expect('onTimer' in encoded(node)).toBe(false)
})

test('joins and bare rows', () => {
  const lines = sourceNode({
    source: { label: 'stdin', schema: Schema.bare('text'), bounded: false, prunes: false },
    site,
  })
  expect(encoded(lines)).toMatchObject({ schema: { bare: true, columns: [{ name: 'value', type: 'text' }] } })
  const join = joinNode({ left: source(), right: source(), how: 'semi', leftKey: by('a'), rightKey: by('a'), site })
  expect(encoded(join)).toMatchObject({
    inputs: ['source#1', 'source#2'],
    how: 'semi',
    columns: [
      { side: 'left', column: 0 },
      { side: 'left', column: 1 },
    ],
    select: null,
  })
  expect(Object.keys(encoded(join))).not.toContain('left')
})

test('hostile names survive', () => {
  const name = '__proto__'
  const schema = Schema.record([field(name, 'text')])
  const hostile = sourceNode({ source: { label: '*/"', schema, bounded: true, prunes: false }, site }) as SourceNode
  const state = JSON.parse('{"__proto__": {"kind": "value"}}')
  const node = processNode({ input: hostile, key: by(name), state, sides: {}, onElement: () => 1, site })
  expect(JSON.stringify(encoded(node).state)).toBe('{"__proto__":{"kind":"value"}}')
})

test('the fingerprint is that of the plan without its sites', () => {
  const plan = (limit: number, line = 1, name?: string) => [
    whereNode({ ...above(source(), limit, name), site: { file: 'x.ts', line, column: 1 } }),
  ]
  expect(fingerprint(plan(5))).toMatch(/^[0-9a-f]{32}$/)
  expect(fingerprint(plan(5))).toBe(fingerprint(plan(5, 2)))
  const others = [plan(6), plan(5, 1, 'named'), [...plan(5), ...plan(5)], [unionNode({ inputs: plan(5), site })]]
  expect(new Set([plan(5), ...others].map(fingerprint)).size).toBe(5)
})

test('within a version of the format a plan keeps its fingerprint', () => {
  expect(fingerprint([above(source(), 5)])).toBe('82df82619f045db5d910dfb7ed3cfe25')
})
