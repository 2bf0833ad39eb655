import { field, Schema } from '@millrace/algebra'
import { expect, test } from 'vitest'
import { call, cast, column, literal } from './build.ts'
import type { Expression } from './expression.ts'
import { print } from './print.ts'

const schema = Schema.record([
  field('a', 'double', true),
  field('b', 'double'),
  field('say "x"', 'text'),
  field('t', 'boolean'),
])
const [a, b, x, t] = schema.fields.map(f => column(schema, f.name)) as [Expression, Expression, Expression, Expression]
const one = literal(1)
const sum = call('plus', [a, b])
const less = call('lt', [a, b])
const isNull = call('isNull', [a])

test.each<[Expression, string]>([
  [x, '"say ""x"""'],
  [literal("it's"), "'it''s'"],
  [literal(null), 'NULL'],
  [literal(true), 'TRUE'],
  [literal(12n), '12'],
  [literal(-1.5), '-1.5'],
  [literal(-0), "CAST('-0' AS DOUBLE)"],
  [literal(Number.NaN), "CAST('NaN' AS DOUBLE)"],
  [literal(new Date(0)), "TIMESTAMP '1970-01-01T00:00:00.000Z'"],
  [cast(literal(0), 'timestamp'), 'CAST(0 AS TIMESTAMP)'],
  [literal(new Date(8.64e15)), "TIMESTAMP '+275760-09-13T00:00:00.000Z'"],
  [call('times', [sum, one]), '(a + b) * 1'],
  [call('plus', [call('times', [a, b]), one]), 'a * b + 1'],
  [call('minus', [call('minus', [a, b]), one]), 'a - b - 1'],
  [call('minus', [a, call('minus', [b, one])]), 'a - (b - 1)'],
  [call('negate', [literal(-1)]), '-(-1)'],
  [call('negate', [call('negate', [a])]), '-(-a)'],
  [call('minus', [a, literal(-1)]), 'a - -1'],
  [call('eq', [less, t]), '(a < b) = t'],
  [call('eq', [t, less]), 't = (a < b)'],
  [call('le', [sum, one]), 'a + b <= 1'],
  [call('and', [call('or', [t, less]), less]), '(t OR a < b) AND a < b'],
  [call('or', [call('and', [t, less]), less]), 't AND a < b OR a < b'],
  [call('not', [call('and', [t, t])]), 'NOT (t AND t)'],
  [call('not', [less]), 'NOT a < b'],
  [call('not', [call('not', [t])]), 'NOT NOT t'],
  [call('not', [isNull]), 'a IS NOT NULL'],
  [call('isNull', [less]), '(a < b) IS NULL'],
  [call('isNull', [sum]), 'a + b IS NULL'],
  [call('in', [a, one, b]), 'a IN (1, b)'],
  [call('like', [x, literal('a%')]), '"say ""x""" LIKE \'a%\''],
  [call('like', [x, literal('a!%'), literal('!')]), '"say ""x""" LIKE \'a!%\' ESCAPE \'!\''],
  [call('concat', [x, x, x]), '"say ""x""" || "say ""x""" || "say ""x"""'],
  [call('eq', [call('concat', [x, x]), x]), '"say ""x""" || "say ""x""" = "say ""x"""'],
  [call('plus', [call('negate', [a]), one]), '-a + 1'],
  [call('minus', [a, call('plus', [b, one])]), 'a - (b + 1)'],
  [call('divide', [a, call('times', [b, one])]), 'a / (b * 1)'],
  [call('if', [t, a, b]), 'CASE WHEN t THEN a ELSE b END'],
  [call('round', [a, one]), 'ROUND(a, 1)'],
  [call('coalesce', [a, one]), 'COALESCE(a, 1)'],
  [cast(sum, 'text'), 'CAST(a + b AS STRING)'],
])('%#: %s', (expression, text) => expect(print(expression)).toBe(text))
