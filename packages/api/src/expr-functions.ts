/** Expressions that begin with no column. */
import { call, literal as constant } from '@millrace/plan'
import type { Expr, ExprOf } from './expr.ts'
import { ExpressionBuilder, expressionOf } from './expr-builder.ts'

/**
 * A constant as an expression.
 *
 * @example
 * flights.select(c => ({ origin: c.origin, source: literal('radar') }))
 */
export function literal<const V extends string | number | bigint | boolean | null>(value: V): ExprOf<V> {
  const built: unknown = new ExpressionBuilder(constant(value))
  return built as ExprOf<V>
}

/**
 * One value where the condition holds, another where it is false or null.
 *
 * @example
 * flights.select(c => ({ origin: c.origin, verdict: when(c.delay.gt(15), 'late', 'on time') }))
 */
export function when<const A, const B>(
  condition: Expr<boolean | null>,
  then: A | Expr<A>,
  otherwise: B | Expr<B>,
): ExprOf<A | B> {
  const operands = [condition, then, otherwise].map(expressionOf)
  const built: unknown = new ExpressionBuilder(call('if', operands))
  return built as ExprOf<A | B>
}
