import { Schema } from '@millrace/algebra'
import { by, refusal, schemaOf, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import type { JoinHow, KeySpec } from '../node.ts'
import { sourceNode } from './ends.ts'
import { type JoinSpec, joinNode } from './join.ts'

const fn = () => null
const byFunction: KeySpec = { kind: 'function', fn }

describe('joins', () => {
  const left = sourceOf('id int32, at timestamp, name text')
  const right = sourceOf('id int32?, city text', { bounded: true })
  const join = (spec: Partial<JoinSpec> = {}) =>
    joinNode({ left, right, how: 'inner', leftKey: by('id'), rightKey: by('id'), site, ...spec })
  const described = (spec: Partial<JoinSpec>) => {
    const node = join(spec)
    const origins = node.columns?.map(c => c.side[0]! + c.column).join(' ')
    return `${textOf(node.schema)}: ${origins}`
  }

  test.each<[JoinHow, string]>([
    ['inner', 'id int32, at timestamp, name text, city text: l0 l1 l2 r1'],
    ['left', 'id int32, at timestamp, name text, city text?: l0 l1 l2 r1'],
    ['right', 'id int32?, at timestamp?, name text?, city text: r0 l1 l2 r1'],
    ['full', 'id int32?, at timestamp?, name text?, city text?: k0 l1 l2 r1'],
    ['semi', 'id int32, at timestamp, name text: l0 l1 l2'],
    ['anti', 'id int32, at timestamp, name text: l0 l1 l2'],
  ])('%s on a shared name', (how, expected) => expect(described({ how })).toBe(expected))

  test('keys of two names are two columns', () => {
    const cities = sourceOf('code int32, city text')
    expect(described({ right: cities, rightKey: by('code'), how: 'full' })).toBe(
      'id int32?, at timestamp?, name text?, code int32?, city text?: l0 l1 l2 r0 r1',
    )
  })
  test('every worker may have the whole right, unless rows of it may come out alone', () => {
    for (const how of ['inner', 'left', 'semi', 'anti'] as const)
      expect(join({ how, strategy: 'broadcast' }).strategy).toBe('broadcast')
    expect(join().strategy).toBe('hash')
    for (const how of ['right', 'full'] as const) {
      expect(join({ how, strategy: 'hash' }).how).toBe(how)
      expect(refusal(() => join({ how, strategy: 'broadcast' }))).toContain(
        `invalid strategy of join: broadcast, ${how}`,
      )
    }
  })
  test('a prefix is for all columns of the right', () => {
    expect(described({ prefix: 'r_' })).toBe(
      'id int32, at timestamp, name text, r_id int32?, r_city text: l0 l1 l2 r0 r1',
    )
    expect(described({ prefix: 'r_', how: 'full' })).toMatch(/: l0 l1 l2 r0 r1$/)
  })
  test('the shared column of a full join is found by its place in the key', () => {
    const a = sourceOf('x text, y text, id int32, k double')
    const b = sourceOf('k int32?, z text, y text, id int32')
    const both = { left: a, right: b, leftKey: by('x', 'k', 'id', 'y'), rightKey: by('z', 'k', 'id', 'y') }
    expect(described({ ...both, how: 'full' })).toBe('x text?, y text, id int32, k double?, z text?: l0 k3 k2 k1 r1')
    expect(described({ ...both, how: 'right' })).toBe('x text?, y text, id int32, k int32?, z text: l0 r2 r3 r0 r1')
  })
  test('other names on both sides clash', () => {
    const both = sourceOf('id int32, name text, at timestamp')
    expect(refusal(() => join({ right: both }))).toMatch(
      /^COLUMN_CLASH: invalid columns: both sides have name, at; give a prefix/,
    )
    expect(join({ right: both, how: 'semi' }).schema).toBe(left.schema)
    expect(refusal(() => join({ right: sourceOf('code int32, id int32'), rightKey: by('code') }))).toMatch(/have id;/)
    expect(
      refusal(() => join({ left: sourceOf('id int32, r_x text'), right: sourceOf('id int32, x text'), prefix: 'r_' })),
    ).toMatch(/have r_x;/)
  })
  test('a function makes any row', () => {
    const node = join({ select: fn, right: sourceOf('id int32, name text') })
    expect([node.columns, node.select, Schema.isOpaque(node.schema)]).toEqual([null, fn, true])
    expect(textOf(join({ select: fn, schema: schemaOf('x text') }).schema)).toBe('x text')
    const keyed = join({ select: fn, leftKey: byFunction, rightKey: byFunction })
    expect(keyed.leftKey).toEqual(byFunction)
  })
  test('keys must be able to be equal', () => {
    expect(refusal(() => join({ rightKey: by('city') }))).toBe(
      'TYPE_MISMATCH: invalid keys: id is int32, city is text; no two of their values are equal: cast one of them first',
    )
    expect(refusal(() => join({ leftKey: by('id', 'name') }))).toBe('INVALID_ARGUMENT: invalid keys: 2 columns with 1')
    expect(refusal(() => join({ rightKey: by('cty') }))).toMatch(/^UNKNOWN_COLUMN: .*"city"/)
    expect(refusal(() => join({ left: sourceOf('id bigint') }))).toMatch(/^TYPE_MISMATCH/)
    expect(join({ left: sourceOf('id double') }).kind).toBe('join')
  })
  test('kinds are those of the table', () => {
    const kinds = (how: JoinHow) => [
      join({ how }),
      join({ how, left: right, right: left }),
      join({ how, right: left, prefix: 'r' }),
    ]
    expect(kinds('inner').map(n => n.collection)).toEqual(['appending', 'appending', 'appending'])
    expect(kinds('left').map(n => n.collection)).toEqual(['appending', 'updating', 'updating'])
  })

  describe('of rows without a schema', () => {
    const rows = (spec: Partial<JoinSpec>, l: unknown, r: unknown) =>
      (join({ right: sourceOf(''), ...spec }).select as (l: unknown, r: unknown) => unknown)(l, r)
    test('merges objects by the same rule', () => {
      expect(rows({}, { id: 1, a: 2 }, { id: 1, b: 3 })).toEqual({ id: 1, a: 2, b: 3 })
      expect(rows({ prefix: 'r_' }, { id: 1, a: 2 }, { id: 1, a: 3 })).toEqual({ id: 1, a: 2, r_id: 1, r_a: 3 })
      expect(rows({ how: 'full' }, null, { id: 1, b: 3 })).toEqual({ id: 1, b: 3 })
      expect(rows({ how: 'full' }, { id: 1 }, null)).toEqual({ id: 1 })
      expect(Object.keys(rows({}, JSON.parse('{"__proto__":1}'), null) as object)).toEqual(['__proto__'])
    })
    test('clashes and what is no object fail', () => {
      expect(refusal(() => rows({}, { id: 1, a: 2 }, { id: 1, a: 2 }))).toMatch(/^COLUMN_CLASH: .*both sides have a;/)
      expect(refusal(() => rows({ rightKey: by('code') }, { id: 1 }, { id: 1 }))).toMatch(/have id;/)
      expect(refusal(() => rows({}, 5, { id: 1 }))).toMatch(/^INVALID_ROW: invalid row of a join: 5/)
    })
    test('semi and anti need no merging', () => {
      expect(described({ left: sourceOf(''), how: 'semi' })).toBe('value any?: l0')
    })
    test('rows of one value cannot be merged', () => {
      const lines = sourceNode({
        source: { label: 'x', schema: Schema.bare('text'), bounded: true, prunes: false },
        site,
      })
      const keys = { leftKey: by('value'), rightKey: by('city') }
      expect(refusal(() => join({ left: lines, ...keys }))).toMatch(/^INVALID_ARGUMENT: missing function/)
    })
  })
})
