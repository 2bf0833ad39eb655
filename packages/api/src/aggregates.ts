/** The aggregates there are. */
import type { BuiltInAggregate } from '@millrace/plan'
import type { Aggregate, Counting } from './aggregate.ts'
import type { Expr, Wide } from './expr.ts'
import { ExpressionBuilder } from './expr-builder.ts'
import type { Numeric, Orderable } from './words.ts'

// In each interface the first signature lists fitting columns in editors, the second serves generic code, constants
// and error messages, and the third takes expressions: in another order completions are lost.

export interface AvgAggregate {
  <T, K extends { [P in keyof T & string]: T[P] extends Numeric ? P : never }[keyof T & string]>(
    column: K,
  ): Aggregate<T, number | Extract<T[K], null>>
  <K extends string>(column: K): Aggregate<{ [P in K]: Numeric }, number>
  <V extends Numeric>(expression: Expr<V>): Aggregate<unknown, number | (V & null)>
}

export interface SumAggregate {
  <T, K extends { [P in keyof T & string]: T[P] extends Numeric ? P : never }[keyof T & string]>(
    column: K,
  ): Aggregate<T, Wide<T[K]>>
  <K extends string>(column: K): Aggregate<{ [P in K]: number | null | undefined }, number>
  <V extends Numeric>(expression: Expr<V>): Aggregate<unknown, Wide<V>>
}

export interface ExtremeAggregate {
  <T, K extends keyof T & string>(column: K): Aggregate<T & { [P in K]: Orderable }, T[K]>
  <K extends string>(column: K): Aggregate<{ [P in K]: Orderable }, Orderable>
  <V extends Orderable>(expression: Expr<V>): Aggregate<unknown, V>
}

/**
 * How many rows.
 *
 * @example
 * flights.keyBy('origin').aggregate({ departures: count() })
 */
export function count(): Counting {
  return aggregateOf<number>('count', null) as Counting
}

/**
 * The mean of a column or expression, nulls apart; null if there is nothing else.
 *
 * @example
 * flights.keyBy('origin').aggregate({ mean: avg('delay') })
 */
export const avg: AvgAggregate = (of: string | Expr) => aggregateOf<never>('avg', of)

/**
 * The sum of a column or expression, nulls apart; null if there is nothing else. Sums of doubles are compensated.
 *
 * @example
 * flights.keyBy('origin').aggregate(c => ({ kilometres: sum(c.distance.times(1.609)) }))
 */
export const sum: SumAggregate = (of: string | Expr) => aggregateOf<never>('sum', of)

/**
 * The least value of a column or expression, nulls apart; null if there is nothing else.
 *
 * @example
 * flights.keyBy('origin').aggregate({ earliest: min('date') })
 */
export const min: ExtremeAggregate = (of: string | Expr) => aggregateOf<never>('min', of)

/**
 * The greatest value of a column or expression, nulls apart; null if there is nothing else.
 *
 * @example
 * flights.keyBy('origin').aggregate({ worst: max('delay') })
 */
export const max: ExtremeAggregate = (of: string | Expr) => aggregateOf<never>('max', of)

function aggregateOf<V>(aggregate: BuiltInAggregate, of: unknown): Aggregate<unknown, V> {
  const argument = of instanceof ExpressionBuilder ? of.expression : of
  return Object.freeze({ aggregate, argument }) as unknown as Aggregate<unknown, V>
}
