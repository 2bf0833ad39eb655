/** The types of named joins: which columns may pair, what the joined row is, and which names clash. */
import type { Flat, Strategy } from './words.ts'

export type Nulled<T> = { [K in keyof T]: T[K] | null }

/** The left row as it appears in the result. */
export type LeftRow<L, H> = H extends 'right' | 'full' ? Nulled<L> : L

/** The right row as it appears in the result. */
export type RightRow<R, H> = H extends 'left' | 'full' ? Nulled<R> : R

export type Prefixed<R, P extends string> = { [K in keyof R as `${P}${K & string}`]: R[K] }

/** The joined row; `S` are the columns that both sides share as keys. */
export type JoinRow<L, R, S, H, P extends string> = H extends 'semi' | 'anti'
  ? L
  : Flat<LeftRow<L, H> & RightRow<P extends '' ? Omit<R, S & PropertyKey> : Prefixed<R, P>, H>>

/** Columns that both sides have and that are no keys: give the right ones a prefix. */
export interface BothSidesHave<Columns> {
  prefix: string
  columns?: Columns
}

export type Clash<L, R, S, H, P> = H extends 'semi' | 'anti'
  ? unknown
  : P extends ''
    ? [Exclude<keyof L & keyof R, S>] extends [never]
      ? unknown
      : BothSidesHave<Exclude<keyof L & keyof R, S>>
    : unknown

/** The columns that both sides share as keys, and that appear once. M is all optional when `on` was not an object. */
export type Once<L1, R1, M> = {} extends M ? L1 & R1 : { [K in keyof M]: K & M[K] }[keyof M]

/** True if some value of A could be one of B. */
export type Alike<A, B> = [Extract<NonNullable<A>, NonNullable<B>> | Extract<NonNullable<B>, NonNullable<A>>] extends [
  never,
]
  ? false
  : true

export interface JoinOptions<R, L1, R1, M, H, P> {
  /** A column that both have, a column of each, or several: `{ left: 'right' }`. */
  on: (L1 & keyof R) | readonly [left: L1, right: R1] | M
  /** Default `'inner'`. */
  how?: H
  /** Goes before every column of the right side but the shared keys. */
  prefix?: P
  /**
   * How rows that match meet where there are several workers. `'hash'` (default): both sides are dealt out by key.
   * `'broadcast'`: each worker has the whole right side, and rows of the left stay where they are: for a right side that is
   * small, and inner, left, semi and anti joins. Which rows come out is the same.
   */
  strategy?: Strategy<H>
}
