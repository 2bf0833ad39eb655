import { BatchBuilder, field, Schema } from '@millrace/algebra'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { declaredRows } from './declared-rows.ts'
import type { StandardSchema } from './standard-schema.ts'
import { schemaOfValidator } from './validator-columns.ts'

/** `name: kind`, with a question mark where the column is nullable. */
function columnsOf(validator: StandardSchema): readonly string[] | 'opaque' {
  const schema = schemaOfValidator(validator)
  if (Schema.isOpaque(schema)) return 'opaque'
  return schema.fields.map(f => `${f.name}: ${f.type.kind}${f.nullable ? '?' : ''}`)
}

/** A validator that takes everything and says what it is told to say. */
function saying(output: (options: { target: string }) => unknown, vendor = 'by hand'): StandardSchema {
  const standard = { version: 1 as const, vendor, validate: (value: unknown) => ({ value }) }
  return { '~standard': { ...standard, jsonSchema: { output } } as StandardSchema['~standard'] }
}
const object = (properties: object, more: object = {}) =>
  saying(() => ({ type: 'object', properties, required: Object.keys(properties), ...more }))

describe('columns of a zod object', () => {
  it.each<[string, z.ZodType, string]>([
    ['text', z.string(), 'text'],
    ['a date as text', z.iso.datetime(), 'text'],
    ['one of some texts', z.enum(['a', 'b']), 'text'],
    ['text or null', z.string().nullable(), 'text?'],
    ['a literal or null', z.literal(['a', null]), 'text?'],
    ['text with a default', z.string().default('x'), 'text'],
    ['numbers', z.number(), 'double'],
    ['numbers made of text', z.string().transform(Number).pipe(z.number()), 'double'],
    ['some numbers', z.literal([1, 2]), 'double'],
    ['integers of 53 bits', z.int(), 'double'],
    ['integers of 32 bits', z.int32(), 'int32'],
    ['integers within bounds', z.int().min(-5).max(5), 'int32'],
    ['unsigned integers of 32 bits', z.uint32(), 'double'],
    ['either number', z.union([z.int32(), z.number()]), 'double'],
    ['truth values', z.boolean(), 'boolean'],
    ['truth values or null', z.union([z.boolean(), z.null()]), 'boolean?'],
  ])('hold %s', (_, type, column) => {
    expect(columnsOf(z.object({ a: type }))).toEqual([`a: ${column}`])
  })
  it.each<[string, z.ZodType]>([
    ['an optional text: undefined is not null', z.string().optional()],
    ['a transform', z.string().transform(Number)],
    ['a Date, whatever is noted of it', z.date().meta({ type: 'string', format: 'date-time' })],
    ['a bigint', z.bigint()],
    ['a list', z.array(z.string())],
    ['an object', z.object({ b: z.string() })],
    ['a file', z.file()],
    ['text or number', z.union([z.string(), z.number()])],
    ['null alone', z.null()],
    ['nothing known', z.unknown()],
  ])('do not hold %s', (_, type) => {
    expect(columnsOf(z.object({ a: type, b: z.string() }))).toEqual(['a: any?', 'b: text'])
  })
  it.each<[string, z.ZodType]>([
    ['lists', z.array(z.string())],
    ['text', z.string()],
    ['objects or null', z.object({ a: z.string() }).nullable()],
    ['either object', z.union([z.object({ a: z.string() }), z.object({ b: z.string() })])],
    ['dictionaries', z.record(z.string(), z.number())],
    ['objects with more in them', z.looseObject({ a: z.string() })],
    ['what a function made of an object', z.object({ a: z.string() }).transform(row => row.a)],
    ['objects of nothing', z.object({})],
  ])('are none for %s', (_, type) => {
    expect(columnsOf(type)).toBe('opaque')
  })
  it('may refer to itself, be documented, and be put together', () => {
    const tree = z.object({
      name: z.string(),
      get parent() {
        return tree.nullable()
      },
    })
    expect(columnsOf(tree)).toEqual(['name: text', 'parent: any?'])
    expect(columnsOf(z.object({ a: z.string() }).meta({ id: 'row' }))).toEqual(['a: text'])
    expect(columnsOf(z.object({ a: z.string() }).and(z.object({ b: z.number() })))).toEqual(['a: text', 'b: double'])
  })
})

describe('columns of any validator', () => {
  it('understand the ways to say one thing', () => {
    const twice = { anyOf: [{ type: 'string' }, { const: 'b' }, { type: 'null' }] }
    const properties = { a: { const: 1 }, b: { enum: ['x', null] }, c: twice, d: { oneOf: [{ type: 'boolean' }] } }
    expect(columnsOf(object(properties))).toEqual(['a: double', 'b: text?', 'c: text?', 'd: boolean'])
    const integer = { type: 'integer' }
    expect(columnsOf(object({ a: integer, b: { ...integer, minimum: 0 }, c: { ...integer, maximum: 1 } }))).toEqual([
      'a: double',
      'b: double',
      'c: double',
    ])
    const bounds = [
      { ...integer, minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
      { ...integer, minimum: -(2 ** 31) - 1, maximum: 1 },
      { ...integer, minimum: 0, maximum: 2 ** 31 },
    ]
    expect(columnsOf(object({ ...bounds }))).toEqual(['0: int32', '1: double', '2: double'])
  })
  it('leave open what they do not know', () => {
    const properties = { a: true, b: { $ref: '#/x', type: 'string' }, c: { enum: [{}] }, d: { type: 'money' }, e: {} }
    expect(columnsOf(object(properties))).toEqual(['a: any?', 'b: any?', 'c: any?', 'd: any?', 'e: any?'])
    expect(columnsOf(object(JSON.parse('{"__proto__":{"type":"string"}}')))).toEqual(['__proto__: text'])
  })
  it.each([
    ['additionalProperties', true],
    ['additionalProperties', {}],
    ['unevaluatedProperties', {}],
    ['patternProperties', {}],
    ['allOf', []],
    ['$ref', '#/x'],
    ['type', ['object', 'null']],
    ['properties', undefined],
  ])('are none where there is %s: %j', (keyword, value) => {
    expect(columnsOf(object({ a: { type: 'string' } }))).toEqual(['a: text'])
    expect(columnsOf(object({ a: { type: 'string' } }, { [keyword]: value }))).toBe('opaque')
  })
  it('are none where the validator does not say', () => {
    const silent = { version: 1 as const, vendor: 'x', validate: (value: unknown) => ({ value }) }
    expect(columnsOf({ '~standard': silent })).toBe('opaque')
    expect(columnsOf(saying(() => undefined))).toBe('opaque')
    const refuses = saying(() => {
      throw new Error('no JSON Schema')
    })
    expect(columnsOf(refuses)).toBe('opaque')
  })
  it('may be told in the older JSON Schema only', () => {
    const older = saying(({ target }) => {
      if (target !== 'draft-07') throw new Error('unknown target')
      return { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
    })
    expect(columnsOf(older)).toEqual(['a: text'])
  })
  it('hold what the validator returns, and refuse what it should not have returned', () => {
    const { schema, validate } = declaredRows(z.object({ a: z.coerce.number(), b: z.string().optional() }))
    expect(schema).toEqual(Schema.record([field('a', 'double'), field('b', 'any', true)]))
    const builder = new BatchBuilder(schema!)
    builder.append(validate!({ a: '7', b: undefined }))
    builder.append(validate!({ a: 8, b: 'x' }))
    expect([0, 1].map(row => builder.build().row(row))).toEqual([
      { a: 7, b: undefined },
      { a: 8, b: 'x' },
    ])
    expect(() => builder.append({ a: 'no number' })).toThrow('invalid double in column "a": "no number"')
  })
})
