import { field, Schema, type TypeKind } from '@millrace/algebra'
import type { MillraceError } from '@millrace/plan'
import { copySnapshot } from '@millrace/testing/contracts/copy-snapshot'
import { valuesOf } from '@millrace/testing/values'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DroppedKeys } from './dropped-keys.ts'
import type { Evolution } from './evolution.ts'
import { KeyedValues } from './keyed-values.ts'
import { TypedValues } from './typed-values.ts'

const kinds: readonly TypeKind[] = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp', 'any']
const first: Evolution = { name: 'total', kind: 'value', version: 1 }

function stateOf(schema: Schema, evolution = first): TypedValues {
  return new TypedValues(schema, new DroppedKeys(), evolution)
}

function restored(from: { snapshot(groupOf: () => number): unknown }, into: TypedValues | KeyedValues): void {
  const parts = from.snapshot(() => 0) as never
  into.restore(copySnapshot(new Map([['s', parts]])).get('s')!)
}

const columns = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('a', 'b is null', 'b', '__proto__', '0:a', 'id', 'stamp', 'toString'),
    kind: fc.constantFrom(...kinds),
    nullable: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6, selector: c => c.name },
)

/** A schema, and two rows of it. */
const tables = columns.chain(specs => {
  const schema = Schema.record(specs.map(({ name, kind, nullable }) => field(name, kind, nullable)))
  const values = specs.map(({ kind, nullable }) =>
    kind === 'any' ? fc.anything() : nullable ? fc.option(valuesOf(kind), { freq: 2 }) : valuesOf(kind),
  )
  const rows = fc
    .tuple(...values)
    .map(tuple =>
      Object.fromEntries(specs.map(({ name, nullable, kind }, c) => [name, tuple[c] ?? absent(kind, nullable)])),
    )
  return fc.record({ schema: fc.constant(schema), rows: fc.array(rows, { maxLength: 8 }) })
})

function absent(kind: TypeKind, nullable: boolean): unknown {
  return nullable ? null : kind === 'any' ? 'something' : 0
}

test('rows come back as they were set, before and after a restore, in any columns', () => {
  fc.assert(
    fc.property(tables, ({ schema, rows }) => {
      const state = stateOf(schema)
      for (const [id, row] of rows.entries()) state.set(id * 3, row)
      const other = stateOf(schema)
      const opaque = new KeyedValues(new DroppedKeys(), { evolution: { ...first, version: 2, migrate: old => old } })
      restored(state, other)
      restored(state, opaque)
      for (const from of [state, other, opaque]) expect(rows.map((_, id) => from.get(id * 3))).toEqual(rows)
      expect([...other.ids()]).toEqual(rows.map((_, id) => id * 3))
    }),
  )
})

test('values lie in arrays of their type', () => {
  const state = stateOf(Schema.bare('int32', true))
  state.set(1, 7)
  state.set(4, null)
  const [{ batch, meta }] = state.snapshot(() => 0)
  expect(batch!.schema.fields.map(f => `${f.name} ${f.type.kind}`)).toEqual([
    'id int32',
    '0:value int32',
    '1:value is null boolean',
  ])
  expect(batch!.columns[1]).toMatchObject({ kind: 'int32', values: Int32Array.of(7, 0) })
  expect(meta).toEqual({ kind: 'value', version: 1, bare: true, flags: [2] })
})

test('what does not fit is refused, and what was there stays', () => {
  const failure = (schema: Schema, value: unknown): Error => {
    const state = stateOf(schema)
    try {
      state.set(0, value)
    } catch (error) {
      expect(state.get(0)).toBe(undefined)
      return error as Error
    }
    throw new Error('it was taken')
  }
  expect(failure(Schema.bare('int32'), 1.5).message).toBe('invalid int32 in state "total": 1.5')
  expect(failure(Schema.bare('int32'), 1.5)).toMatchObject({ code: 'INVALID_VALUE' })
  expect(failure(Schema.bare('text'), null).message).toBe('missing text in state "total"')
  const wrong: readonly (readonly [TypeKind, unknown])[] = [
    ['int32', 2 ** 31],
    ['int32', '1'],
    ['double', 1n],
    ['timestamp', Number.NaN],
    ['timestamp', new Date(Number.NaN)],
    ['bigint', 2n ** 63n],
    ['bigint', -(2n ** 63n) - 1n],
    ['bigint', 1],
    ['boolean', 1],
    ['text', 5],
  ]
  for (const [kind, value] of wrong) expect(failure(Schema.bare(kind, true), value).message).toMatch(/^invalid /)
  const row = Schema.record([field('a', 'text'), field('n', 'int32')])
  expect(failure(row, { a: 'x', n: 'y' }).message).toBe('invalid int32 in column "n": "y"')
  expect(failure(row, { a: 'x' }).message).toBe('missing int32 in column "n"')
  expect(failure(row, 'x').message).toBe('invalid row in state "total": "x"')
  expect(failure(row, null).message).toBe('missing row in state "total"')
})

test('limits fit, and a Date is its time', () => {
  const set = (kind: TypeKind, value: unknown) => {
    const state = stateOf(Schema.bare(kind))
    state.set(0, value)
    return state.get(0)
  }
  expect(set('bigint', 2n ** 63n - 1n)).toBe(2n ** 63n - 1n)
  expect(set('bigint', -(2n ** 63n))).toBe(-(2n ** 63n))
  expect(set('int32', -(2 ** 31))).toBe(-(2 ** 31))
  expect(set('timestamp', new Date(5))).toBe(5)
  expect(set('double', Number.NaN)).toBe(Number.NaN)
})

test('another type is refused unless the version is higher, and then migrated from the old columns', () => {
  const old = stateOf(Schema.record([field('n', 'int32', true), field('s', 'text')]))
  old.set(0, { n: null, s: 'x' })
  old.set(1, { n: 3, s: 'y' })
  const mismatch = (into: TypedValues | KeyedValues): MillraceError => {
    try {
      restored(old, into)
    } catch (error) {
      return error as MillraceError
    }
    throw new Error('it was restored')
  }
  const other = mismatch(stateOf(Schema.bare('text')))
  expect(other.code).toBe('STATE_MISMATCH')
  expect(other.message).toBe(
    'invalid state "total": stored as n int32, n is null boolean, s any, declared as value any',
  )
  expect(other.hint).toBe('give it a higher version, and declare migrate: (old, fromVersion) => ...')
  expect(mismatch(new KeyedValues(new DroppedKeys(), { evolution: first })).code).toBe('STATE_MISMATCH')
  const from: unknown[] = []
  const evolution: Evolution = {
    ...first,
    version: 3,
    migrate: (row, version) => {
      from.push(row, version)
      return (row as { n: number | null }).n ?? -1
    },
  }
  const bare = stateOf(Schema.bare('double'), evolution)
  restored(old, bare)
  expect(from).toEqual([{ n: null, s: 'x' }, 1, { n: 3, s: 'y' }, 1])
  expect([bare.get(0), bare.get(1)]).toEqual([-1, 3])
  const plain = new KeyedValues(new DroppedKeys(), { evolution: first })
  plain.set(2, 'a value')
  expect(() => restored(plain, stateOf(Schema.bare('text')))).toThrow('invalid state "total"')
  const typed = stateOf(Schema.bare('text'), { ...first, version: 2, migrate: old => `${old}!` })
  restored(plain, typed)
  expect(typed.get(2)).toBe('a value!')
  const text = stateOf(Schema.bare('int32', true))
  text.set(0, null)
  const again = stateOf(Schema.bare('text'), { ...first, version: 2, migrate: String })
  restored(text, again)
  expect(again.get(0)).toBe('null')
})
