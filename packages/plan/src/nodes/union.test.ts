import { Schema, type TypeKind } from '@millrace/algebra'
import { refusal, site, sourceOf, textOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import type { PlanNode } from '../node.ts'
import { sourceNode } from './ends.ts'
import { unionNode } from './union.ts'

const flights = sourceOf('origin text, delay int32?, date timestamp')

describe('union', () => {
  const union = (...inputs: PlanNode[]) => unionNode({ inputs, site })
  test('of the same columns', () => {
    const node = union(flights, flights, sourceOf('origin text, delay int32, date timestamp?', { bounded: true }))
    expect(textOf(node.schema)).toBe('origin text, delay int32?, date timestamp?')
    expect(node.collection).toBe('appending')
    expect(node.inputs[0]).toBe(flights)
    expect(node.inputs[2]!.kind).toBe('source')
  })
  test('columns go by name, and int32 widens to double', () => {
    const node = union(sourceOf('a int32, b text'), sourceOf('b text, a double?'))
    expect(textOf(node.schema)).toBe('a double?, b text')
    expect(node.inputs.map(i => `${i.kind} ${textOf(i.schema)}`)).toEqual([
      'project a double, b text',
      'project a double?, b text',
    ])
  })
  test('of what has no schema', () => {
    expect(Schema.isOpaque(union(sourceOf(''), sourceOf('')).schema)).toBe(true)
  })
  test.each([
    ['a int32', 'a int32, b text', 'column b is on one side only'],
    ['a int32, b text', 'a int32', 'column b is on one side only'],
    ['a int32', 'a text', 'column a is int32 and text'],
    ['a timestamp', 'a double', 'column a is timestamp and double'],
    ['', 'a int32', 'rows without a schema with rows with a schema'],
  ])('of (%s) and (%s) is refused', (a, b, message) => {
    expect(refusal(() => union(sourceOf(a), sourceOf(b)))).toMatch(`TYPE_MISMATCH: invalid union: ${message}; select`)
  })
  test('of bare values of two types is refused', () => {
    const bare = (kind: TypeKind) =>
      sourceNode({ source: { label: 'x', schema: Schema.bare(kind), bounded: true, prunes: false }, site })
    expect(refusal(() => union(bare('int32'), bare('double')))).toMatch('column value is int32 and double')
    expect(refusal(() => union(bare('text'), sourceOf('a text')))).toMatch('rows of text with rows with a schema')
    expect(union(bare('text'), bare('text')).schema).toEqual(Schema.bare('text'))
    expect(refusal(() => union())).toBe('INVALID_ARGUMENT: missing inputs of union')
  })
})
