import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { any, bigint, boolean, double, int32, type RowOf, schemaOf, text, timestamp } from './columns.ts'
import { declaredRows, InvalidRow } from './declared-rows.ts'
import { row } from './row.ts'
import type { OutputOf, StandardSchema } from './standard-schema.ts'

const columns = { a: int32, b: double.nullable(), c: bigint, d: boolean, e: text, f: timestamp, g: any }

/** Compiles only if both types are the same. */
function same<A>() {
  return <B>(_same: [A] extends [B] ? ([B] extends [A] ? true : never) : never): void => undefined
}

describe('columns', () => {
  it('declare a schema in the order they are written', () => {
    const schema = schemaOf(columns)
    expect(schema.fields.map(f => f.name)).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
    expect(schema.fields.map(f => f.type.kind)).toEqual([
      'int32',
      'double',
      'bigint',
      'boolean',
      'text',
      'timestamp',
      'any',
    ])
    expect(schema.fields.map(f => f.nullable)).toEqual([false, true, false, false, false, false, true])
  })
  it('tell the type of a row', () => {
    same<RowOf<typeof columns>>()<{
      a: number
      b: number | null
      c: bigint
      d: boolean
      e: string
      f: number
      g: unknown
    }>(true)
    const schema = row({ iata: text, delay: int32.nullable() })
    same<OutputOf<typeof schema>>()<{ iata: string; delay: number | null }>(true)
    expect(schema.schema.bare).toBe(false)
  })
  it('refuse what is no column type', () => {
    const wrong = { name: 'text' } as unknown as typeof columns
    expect(() => schemaOf(wrong)).toThrow('invalid type of column "name": text')
    expect(() => schemaOf({})).toThrow(MillraceError)
  })
})

describe('row', () => {
  const schema = row({ name: text, age: int32.nullable(), since: timestamp })
  const validate = (value: unknown) => schema['~standard'].validate(value)

  it('is a Standard Schema', () => {
    const standard: StandardSchema<unknown, { name: string; age: number | null; since: number }> = schema
    expect(standard['~standard'].version).toBe(1)
    expect(validate({ name: 'x', age: null, since: new Date(5), more: 1 })).toEqual({
      value: { name: 'x', age: null, since: 5 },
    })
  })
  it('says which value is wrong', () => {
    expect(validate({ name: 'x', age: 1.5, since: 0 })).toEqual({
      issues: [{ message: 'invalid int32 in column "age": 1.5', path: ['age'] }],
    })
    expect(validate({ age: 1, since: 0 })).toMatchObject({ issues: [{ path: ['name'] }] })
    expect(validate(7)).toMatchObject({ issues: [{ path: [] }] })
    expect(validate({ name: 'y', age: 1, since: 2 })).toEqual({ value: { name: 'y', age: 1, since: 2 } })
  })
})

describe('declared rows', () => {
  it('are columns, a validator, or nothing', () => {
    expect(declaredRows(undefined).schema).toBeUndefined()
    expect(declaredRows({ a: int32 })).toMatchObject({ schema: schemaOf({ a: int32 }), validate: undefined })
    const own = row({ a: int32 })
    expect(declaredRows(own)).toEqual({ schema: own.schema, validate: undefined })
    expect(declaredRows(z.object({ a: z.number() })).schema).toEqual(Schema.record([field('a', 'double')]))
    expect(declaredRows(z.array(z.number())).schema).toBe(Schema.opaque)
  })
  it('are validated one by one, with the path of what is wrong', () => {
    const { validate } = declaredRows(z.object({ tags: z.array(z.string().toUpperCase()) }))
    expect(validate!({ tags: ['a'] })).toEqual({ tags: ['A'] })
    expect(() => validate!({ tags: ['a', 1] })).toThrow(InvalidRow)
    expect(() => validate!({ tags: ['a', 1] })).toThrow(/^tags\[1\]: /)
  })
  it('cannot be validated asynchronously', () => {
    const { validate } = declaredRows(z.object({}).refine(async () => true))
    expect(() => validate!({})).toThrow('asynchronous')
  })
  it('refuse anything else', () => {
    expect(() => declaredRows(7 as never)).toThrow('invalid schema: 7')
  })
})
