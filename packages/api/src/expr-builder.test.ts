/** Every method makes the expression of its name. */
import { Schema } from '@millrace/algebra'
import { type Expression, operationNames, print } from '@millrace/plan'
import { int32, text } from '@millrace/runtime'
import { failureOf, schemaOf } from '@millrace/testing/plans'
import { describe, expect, it } from 'vitest'
import { columnsFor } from './columns.ts'
import type { Expr } from './expr.ts'
import { expressionOf } from './expr-builder.ts'
import { literal, when } from './expr-functions.ts'

interface Row {
  n: number
  m: number | null
  big: bigint
  s: string
  t: string
  b: boolean
}

const c = columnsFor<Row>(schemaOf('n int32, m double?, big bigint, s text, t text, b boolean'))

const cases: [Expr, string][] = [
  [c.n.eq(1), 'n = 1'],
  [c.n.ne(c.m), 'n <> m'],
  [c.n.lt(1), 'n < 1'],
  [c.n.le(1), 'n <= 1'],
  [c.n.gt(1), 'n > 1'],
  [c.n.ge(1), 'n >= 1'],
  [c.b.and(c.n.gt(1)), 'b AND n > 1'],
  [c.b.or(false), 'b OR FALSE'],
  [c.b.not(), 'NOT b'],
  [c.m.isNull(), 'm IS NULL'],
  [c.s.in(['a', "it's"]), "s IN ('a', 'it''s')"],
  [c.s.in([]), 'FALSE'],
  [c.n.plus(c.m), 'n + m'],
  [c.big.minus(1n), 'big - 1'],
  [c.n.times(2.5), 'n * 2.5'],
  [c.n.divide(2), 'n / 2'],
  [c.n.modulo(2), 'n % 2'],
  [c.n.negate(), '-n'],
  [c.n.abs(), 'ABS(n)'],
  [c.m.floor(), 'FLOOR(m)'],
  [c.m.ceil(), 'CEIL(m)'],
  [c.m.round(), 'ROUND(m)'],
  [c.m.round(2), 'ROUND(m, 2)'],
  [c.s.upper(), 'UPPER(s)'],
  [c.s.lower(), 'LOWER(s)'],
  [c.s.length(), 'CHAR_LENGTH(s)'],
  [c.s.concat(c.t), 's || t'],
  [c.s.like('a%'), "s LIKE 'a%'"],
  [c.s.like('a!%', '!'), "s LIKE 'a!%' ESCAPE '!'"],
  [c.m.orElse(0), 'COALESCE(m, 0)'],
  [when(c.b, c.n, literal(0)), 'CASE WHEN b THEN n ELSE 0 END'],
  [c.s.as(int32), 'CAST(s AS INT)'],
  [c.n.as(text).concat('!'), "CAST(n AS STRING) || '!'"],
]

describe('expressions', () => {
  it.each(cases.map(([built, sql]) => [sql, built] as const))('%s', (sql, built) => {
    expect(print(expressionOf(built))).toBe(sql)
  })

  it('there is a method for every operation', () => {
    const used = new Set<string>()
    const visit = (e: Expression) => {
      if (e.kind !== 'call') return
      used.add(e.operation)
      e.operands.forEach(visit)
    }
    for (const [built] of cases) visit(expressionOf(built))
    expect([...used].sort()).toEqual([...operationNames].sort())
  })

  it('refuse to be read as values', () => {
    expect(failureOf(() => Number(c.n)).hint).toContain('c.delay.gt(10)')
    expect(failureOf(() => `${c.n}`).code).toBe('INVALID_ARGUMENT')
    expect(failureOf(() => c.n.plus({} as number)).message).toBe('invalid literal: an object')
  })
})

describe('columns', () => {
  it('are those of the schema, whatever they are called', () => {
    const hostile = columnsFor<Record<string, unknown>>(schemaOf('__proto__ int32, constructor text, then text'))
    expect(Object.keys(hostile)).toEqual(['__proto__', 'constructor', 'then'])
    const proto = '__proto__'
    expect(print(expressionOf(hostile[proto]))).toBe(proto)
    expect(print(expressionOf(hostile.constructor))).toBe('constructor')
    expect(failureOf(() => hostile.toString).message).toBe(
      'unknown column: toString (known: __proto__, constructor, then)',
    )
  })
  it('of opaque rows are whatever is asked for, and cannot be listed', () => {
    const any = columnsFor<{ [name: string]: number }>(Schema.opaque)
    expect(expressionOf(any.what)).toMatchObject({ kind: 'column', name: 'what', type: { kind: 'any' } })
    expect(failureOf(() => Object.keys(any)).hint).toContain('.as({')
  })
})
