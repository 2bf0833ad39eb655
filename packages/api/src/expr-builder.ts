/**
 * Expressions as users write them. One class has every method; which ones a user sees is decided by the types in
 * `expr.ts`, and the plan's factories refuse what has no meaning, for those who come without types.
 */
import { call, cast, literal as constant, type Expression, MillraceError, type OperationName } from '@millrace/plan'
import type { ColumnType } from '@millrace/runtime'

export class ExpressionBuilder {
  readonly expression: Expression

  constructor(expression: Expression) {
    this.expression = expression
  }

  eq(other: unknown): ExpressionBuilder {
    return this.#call('eq', other)
  }
  ne(other: unknown): ExpressionBuilder {
    return this.#call('ne', other)
  }
  lt(other: unknown): ExpressionBuilder {
    return this.#call('lt', other)
  }
  le(other: unknown): ExpressionBuilder {
    return this.#call('le', other)
  }
  gt(other: unknown): ExpressionBuilder {
    return this.#call('gt', other)
  }
  ge(other: unknown): ExpressionBuilder {
    return this.#call('ge', other)
  }
  and(other: unknown): ExpressionBuilder {
    return this.#call('and', other)
  }
  or(other: unknown): ExpressionBuilder {
    return this.#call('or', other)
  }
  not(): ExpressionBuilder {
    return this.#call('not')
  }
  isNull(): ExpressionBuilder {
    return this.#call('isNull')
  }
  in(values: readonly unknown[]): ExpressionBuilder {
    return values.length === 0 ? new ExpressionBuilder(constant(false)) : this.#call('in', ...values)
  }
  orElse(other: unknown): ExpressionBuilder {
    return this.#call('coalesce', other)
  }
  plus(other: unknown): ExpressionBuilder {
    return this.#call('plus', other)
  }
  minus(other: unknown): ExpressionBuilder {
    return this.#call('minus', other)
  }
  times(other: unknown): ExpressionBuilder {
    return this.#call('times', other)
  }
  divide(other: unknown): ExpressionBuilder {
    return this.#call('divide', other)
  }
  modulo(other: unknown): ExpressionBuilder {
    return this.#call('modulo', other)
  }
  negate(): ExpressionBuilder {
    return this.#call('negate')
  }
  abs(): ExpressionBuilder {
    return this.#call('abs')
  }
  floor(): ExpressionBuilder {
    return this.#call('floor')
  }
  ceil(): ExpressionBuilder {
    return this.#call('ceil')
  }
  round(digits?: number): ExpressionBuilder {
    return digits === undefined ? this.#call('round') : this.#call('round', digits)
  }
  upper(): ExpressionBuilder {
    return this.#call('upper')
  }
  lower(): ExpressionBuilder {
    return this.#call('lower')
  }
  length(): ExpressionBuilder {
    return this.#call('length')
  }
  concat(other: unknown): ExpressionBuilder {
    return this.#call('concat', other)
  }
  like(pattern: string, mark?: string): ExpressionBuilder {
    return mark === undefined ? this.#call('like', pattern) : this.#call('like', pattern, mark)
  }
  as(type: ColumnType): ExpressionBuilder {
    return new ExpressionBuilder(cast(this.expression, type.type))
  }
  descending(): DescendingBuilder {
    return new DescendingBuilder(this.expression)
  }

  /** `c.delay > 10` would silently be false for every row. */
  [Symbol.toPrimitive](): never {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      'invalid use of an expression: it has no value while the plan is built',
      {
        hint: 'write c.delay.gt(10), not c.delay > 10; functions of the row go into filter and map',
      },
    )
  }

  #call(operation: Exclude<OperationName, 'cast'>, ...others: readonly unknown[]): ExpressionBuilder {
    return new ExpressionBuilder(call(operation, [this.expression, ...others.map(expressionOf)]))
  }
}

export class DescendingBuilder {
  readonly descends = true
  readonly expression: Expression

  constructor(expression: Expression) {
    this.expression = expression
  }
}

/** What a user gave as an operand: an expression, or a constant. Throws INVALID_ARGUMENT if it is neither. */
export function expressionOf(value: unknown): Expression {
  return value instanceof ExpressionBuilder ? value.expression : constant(value as Parameters<typeof constant>[0])
}
