/** Aggregates: what `aggregate` is given, under the names of the columns that shall hold the results. */
import type { BuiltInAggregate, Expression } from '@millrace/plan'

declare const over: unique symbol
declare const result: unique symbol

/** An aggregate over rows of type `T` with results of type `V`. */
export interface Aggregate<in T, out V> {
  /** In the type only. */
  readonly [over]: (row: T) => void
  /** In the type only. */
  readonly [result]: V
  readonly aggregate: BuiltInAggregate
  /** A column's name or an expression; null for `count`. */
  readonly argument: string | Expression | null
}

export interface Aggregates<T> {
  readonly [name: string]: Aggregate<T, unknown>
}

export type Results<A extends Aggregates<never>> = { -readonly [N in keyof A]: A[N][typeof result] }

/** Without a key there may be no rows at all, of which everything but the count is null. */
export type OverallResults<A extends Aggregates<never>> = {
  -readonly [N in keyof A]: A[N]['aggregate'] extends 'count' ? A[N][typeof result] : A[N][typeof result] | null
}

/** `count()`. */
export interface Counting extends Aggregate<unknown, number> {
  readonly aggregate: 'count'
}
