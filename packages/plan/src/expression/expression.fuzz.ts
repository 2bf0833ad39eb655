import { field, Schema } from '@millrace/algebra'
import { expressionsOf, rowOf } from '@millrace/testing/expressions'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { MillraceError } from '../error.ts'
import { column } from './build.ts'
import { evaluate } from './evaluate.ts'
import type { Expression } from './expression.ts'
import { isTotal } from './total.ts'
import { columnsOf, conjunction, conjuncts, substitute } from './traverse.ts'

const kinds = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp'] as const
const schema = Schema.record(kinds.flatMap(kind => [field(`${kind}_`, kind), field(`${kind}_n`, kind, true)]))
const anyExpression = (total: boolean) => fc.oneof(...kinds.map(kind => expressionsOf(schema, kind, { total })))
const row = rowOf(schema)

test('a total expression gives a value of its type, and null only where it may', () => {
  const jsTypes = { int32: 'number', double: 'number', timestamp: 'number', bigint: 'bigint', text: 'string' } as const
  const check = (e: Expression, values: Record<string, unknown>) => {
    expect(isTotal(e)).toBe(true)
    const value = evaluate(e, name => values[name])
    if (value === null) {
      expect(e.nullable).toBe(true)
      return
    }
    expect(typeof value).toBe(e.type.kind === 'boolean' ? 'boolean' : jsTypes[e.type.kind as keyof typeof jsTypes])
    if (e.type.kind === 'int32') expect(value).toBe((value as number) | 0)
  }
  fc.assert(fc.property(anyExpression(true), row, check), { numRuns: 1000 })
})

test('only an expression that is not total fails, and then with INVALID_VALUE', () => {
  let failures = 0
  const check = (e: Expression, values: Record<string, unknown>) => {
    try {
      evaluate(e, name => values[name])
    } catch (error) {
      expect(isTotal(e)).toBe(false)
      expect((error as MillraceError).code).toBe('INVALID_VALUE')
      failures++
    }
  }
  fc.assert(fc.property(anyExpression(false), row, check), { numRuns: 1000 })
  expect(failures).toBeGreaterThan(20)
})

test('the value depends on no other columns than columnsOf names', () => {
  const check = (e: Expression, values: Record<string, unknown>) => {
    const named = columnsOf(e)
    const read = new Set<string>()
    evaluate(e, name => {
      read.add(name)
      return values[name]
    })
    expect([...read].filter(name => !named.has(name))).toEqual([])
  }
  fc.assert(fc.property(anyExpression(true), row, check), { numRuns: 500 })
})

test('substitution commutes with evaluation', () => {
  const replacements = fc.record({
    double_: expressionsOf(schema, 'double', { depth: 1 }),
    text_n: expressionsOf(schema, 'text', { depth: 1 }),
    boolean_: expressionsOf(schema, 'boolean', { depth: 1 }),
  })
  const check = (e: Expression, by: Record<string, Expression>, values: Record<string, unknown>) => {
    const inside = (name: string) => (by[name] === undefined ? values[name] : evaluate(by[name], n => values[n]))
    const result = evaluate(substitute(e, new Map(Object.entries(by))), name => values[name])
    expect(result).toEqual(evaluate(e, inside))
  }
  fc.assert(fc.property(anyExpression(true), replacements, row, check), { numRuns: 1000 })
})

test('conjuncts, all true together, are the condition', () => {
  const check = (e: Expression, values: Record<string, unknown>) => {
    const parts = conjuncts(e)
    const valueIn = (part: Expression) => evaluate(part, name => values[name])
    expect(parts.every(part => valueIn(part) === true)).toBe(valueIn(e) === true)
    expect(valueIn(conjunction(parts))).toBe(valueIn(e))
  }
  fc.assert(fc.property(expressionsOf(schema, 'boolean', { depth: 4 }), row, check), { numRuns: 500 })
})

test('what does not change is shared', () => {
  const check = (e: Expression) => {
    expect(substitute(e, new Map())).toBe(e)
    const names = [...columnsOf(e)]
    expect(substitute(e, new Map(names.map(name => [name, column(schema, name)])))).toEqual(e)
  }
  fc.assert(fc.property(anyExpression(true), check), { numRuns: 200 })
})
