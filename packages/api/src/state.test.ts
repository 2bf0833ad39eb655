/** What declarations of state say to the plan, and the errors of those that are wrong. */
import { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { double, int32, type RowSchema, row, text, timestamp } from '@millrace/runtime'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type } from './process.ts'
import { list, map, value } from './state.ts'
import { aggregating, reducing } from './state-folds.ts'
import type { StateOptions } from './state-options.ts'

function failure(declare: () => unknown): MillraceError {
  try {
    declare()
  } catch (error) {
    if (error instanceof MillraceError) return error
    throw error
  }
  throw new Error('it was taken')
}

test('kinds, with nothing said', () => {
  expect(value().spec).toEqual({ kind: 'value' })
  expect(list().spec).toEqual({ kind: 'list' })
  expect(map().spec).toEqual({ kind: 'map' })
  const reduce = (a: number, b: number) => a + b
  expect(reducing(reduce).spec).toEqual({ kind: 'reducing', reduce })
  const sum = { create: () => 0, add: reduce, result: String }
  expect(aggregating(sum).spec).toEqual({ kind: 'aggregating', ...sum })
})

test('options are checked once, for all kinds', () => {
  const migrate = () => 1
  const options: StateOptions<number> = { ttl: '1m', version: 3, migrate }
  const kept = { ttl: { afterMs: 60_000, refresh: 'write' }, version: 3, migrate }
  const sum = { create: () => 0, add: (a: number, b: number) => a + b, result: String }
  for (const { spec } of [
    value(options),
    value(int32, options),
    list(options),
    map(options),
    reducing(Math.max, options),
    aggregating(sum, options),
  ])
    expect(spec).toMatchObject(kept)
  expect(list({ ttl: { after: 5, refresh: 'read' } }).spec.ttl).toEqual({ afterMs: 5, refresh: 'read' })
  expect(list({ ttl: { after: '2d' } }).spec.ttl).toEqual({ afterMs: 172_800_000, refresh: 'write' })
})

test('folds of a type have the schema of their columns', () => {
  const sum = { create: () => 0, add: (a: number, b: number) => a + b, result: String }
  const rows = row({ n: int32 })
  expect(reducing(int32, Math.max).spec).toEqual({ kind: 'reducing', reduce: Math.max, schema: Schema.bare('int32') })
  expect(aggregating(int32, sum, { version: 2 }).spec).toEqual({
    kind: 'aggregating',
    ...sum,
    schema: Schema.bare('int32'),
    version: 2,
  })
  expect(reducing(rows, (a, b) => ({ n: a.n + b.n })).spec).toMatchObject({ schema: rows.schema })
  expect(reducing(type<number>(), Math.max).spec).toEqual({ kind: 'reducing', reduce: Math.max })
  expect(failure(() => reducing(int32, 5 as never)).message).toBe('invalid function of reducing: 5')
  expect(failure(() => reducing(5 as never, Math.max)).message).toBe('invalid type of reducing state: 5')
  expect(failure(() => aggregating(int32, 5 as never)).message).toBe(
    'invalid function of aggregating create: undefined',
  )
})

test('values of a type have the schema of their columns', () => {
  expect(value(int32).spec).toEqual({ kind: 'value', schema: Schema.bare('int32') })
  expect(value(text.nullable(), { default: null }).spec).toEqual({
    kind: 'value',
    schema: Schema.bare('text', true),
    default: null,
  })
  const rows = row({ n: int32, at: timestamp })
  expect(value(rows).spec).toEqual({ kind: 'value', schema: rows.schema })
  expect(value(type<number>()).spec).toEqual({ kind: 'value' })
  expect(value(type<number>(), { default: 1 }).spec).toEqual({ kind: 'value', default: 1 })
})

test('a default is as its columns give it back', () => {
  expect(value({ default: 1.5 }).spec).toEqual({ kind: 'value', default: 1.5 })
  const at = value(row({ at: timestamp, n: int32.nullable() }), { default: { at: 5, n: null, more: 1 } as never })
  expect(at.spec).toMatchObject({ default: { at: 5, n: null } })
  const wrong = failure(() => value(int32, { default: 1.5 }))
  expect(wrong.code).toBe('INVALID_ARGUMENT')
  expect(wrong.message).toMatch(/^invalid default of value state: invalid int32 .*1.5$/)
  expect(failure(() => value(row({ n: double }), { default: {} as never })).message).toBe(
    'invalid default of value state: missing double in column "n"',
  )
})

test('what is wrong is refused at once', () => {
  expect(failure(() => list({ tll: '1d' } as never))).toMatchObject({ code: 'INVALID_OPTION' })
  expect(failure(() => list({ tll: '1d' } as never)).message).toContain('option of list state: tll (known: ttl,')
  expect(failure(() => list({ default: [] } as never)).code).toBe('INVALID_OPTION')
  expect(failure(() => value({ ttl: 0 })).message).toBe('invalid ttl: 0')
  expect(failure(() => value({ ttl: '1x' as never })).message).toBe('invalid ttl: "1x"')
  expect(failure(() => value({ ttl: { after: '1d', refresh: 'always' as never } })).message).toBe(
    'invalid refresh of ttl: always',
  )
  expect(failure(() => value({ ttl: { until: 1 } as never })).code).toBe('INVALID_OPTION')
  for (const version of [0, 1.5, '2' as never])
    expect(failure(() => map({ version })).message).toBe(`invalid version of map state: ${version}`)
  expect(failure(() => map({ version: 2, migrate: 5 as never })).message).toBe('invalid function of migrate: 5')
  expect(failure(() => reducing(5 as never)).message).toBe('invalid function of reducing: 5')
  expect(failure(() => aggregating({ create: () => 0, add: (a: number) => a } as never)).message).toBe(
    'invalid function of aggregating result: undefined',
  )
  const validator = z.object({ n: z.number() }) as unknown as RowSchema<{ n: number }>
  expect(failure(() => value(validator)).message).toBe('invalid type of value state: a validator')
  expect(failure(() => value(5 as never)).message).toBe('invalid options of value state: 5')
  expect(failure(() => value(null as never)).message).toBe('invalid options of value state: null')
})
