/** Expressions over the columns of a row: what `where`, `select` and aggregates are given. */
import type { ColumnType } from '@millrace/runtime'
import type { Numeric } from './words.ts'

declare const of: unique symbol

/** Numbers as numbers, bigints as bigints: arithmetic does not keep literal and branded types. */
export type Wide<V> = V extends number ? number : V extends bigint ? bigint : V

/** An expression with values of type `V`. Null is as in SQL: what is computed from null is null. */
export interface Expr<out V = unknown> {
  /** In the type only. */
  readonly [of]: V
  eq<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  ne<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  in(values: readonly NonNullable<V>[]): TruthExpr<boolean | (V & null)>
  isNull(): TruthExpr
  /** This value, or the other where this is null. */
  orElse<W extends V>(other: W | Expr<W>): ExprOf<NonNullable<V> | W>
  /** As another type: `c.code.as(int32)`. A value that does not fit fails the job. */
  as<W>(type: ColumnType<W>): ExprOf<W | (V & null)>
}

/** Values with an order: numbers by size with NaN above all, text by code point, false before true. */
export interface OrderedExpr<out V = unknown> extends Expr<V> {
  lt<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  le<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  gt<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  ge<W extends V | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  /** For `sortBy`: greatest first. */
  descending(): Descending<V>
}

/** Numbers, or bigints among themselves. Arithmetic on int32 gives doubles, so that it never wraps. */
export interface NumberExpr<out V = number> extends OrderedExpr<V> {
  plus<W extends Wide<V> | null>(other: W | Expr<W>): NumberExpr<Wide<V> | (W & null)>
  minus<W extends Wide<V> | null>(other: W | Expr<W>): NumberExpr<Wide<V> | (W & null)>
  times<W extends Wide<V> | null>(other: W | Expr<W>): NumberExpr<Wide<V> | (W & null)>
  divide<W extends Wide<V> | null>(other: W | Expr<W>): NumberExpr<Wide<V> | (W & null)>
  /** The remainder, with the sign of this value, as `%` has it. */
  modulo<W extends Wide<V> | null>(other: W | Expr<W>): NumberExpr<Wide<V> | (W & null)>
  negate(): NumberExpr<Wide<V>>
  abs(): NumberExpr<Wide<V>>
  floor(): NumberExpr<Wide<V>>
  ceil(): NumberExpr<Wide<V>>
  /** To so many digits behind the point; default 0. */
  round(digits?: number): NumberExpr<Wide<V>>
}

export interface TextExpr<out V = string> extends OrderedExpr<V> {
  upper(): TextExpr<string | (V & null)>
  lower(): TextExpr<string | (V & null)>
  /** In code points. */
  length(): NumberExpr<number | (V & null)>
  concat<W extends string | null>(other: W | Expr<W>): TextExpr<string | ((V | W) & null)>
  /** SQL's patterns: `%` stands for any text, `_` for one character; `mark` before either makes it stand for itself. */
  like(pattern: string, mark?: string): TruthExpr<boolean | (V & null)>
}

/** Three-valued: `and` with false is false and `or` with true is true even if the other is null. */
export interface TruthExpr<out V = boolean> extends OrderedExpr<V> {
  and<W extends boolean | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  or<W extends boolean | null>(other: W | Expr<W>): TruthExpr<boolean | ((V | W) & null)>
  not(): TruthExpr<V>
}

/** An expression as a sort key, greatest first. */
export interface Descending<out V = unknown> {
  /** In the type only. */
  readonly [of]: V
  readonly descends: true
}

/** The expression of a column of type `V`. */
export type ExprOf<V> = [NonNullable<V>] extends [NonNullable<Numeric>]
  ? NumberExpr<V>
  : [NonNullable<V>] extends [string]
    ? TextExpr<V>
    : [NonNullable<V>] extends [boolean]
      ? TruthExpr<V>
      : [NonNullable<V>] extends [Date]
        ? OrderedExpr<V>
        : Expr<V>

/** The columns of a row, as expressions. */
export type ColumnsOf<T> = { readonly [K in keyof T & string]-?: ExprOf<T[K]> }

/** The row that named expressions make. */
export type SelectedRow<S extends { readonly [name: string]: Expr }> = { -readonly [K in keyof S]: S[K][typeof of] }
