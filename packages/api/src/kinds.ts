/** Kinds of collections in the type: what becomes of them, operator by operator. The planner uses the same table. */
import type { CollectionKind, closed, grouped, outcomes } from '@millrace/plan'

/** Bounded: its final rows. Appending: rows only come. Updating: rows come and go. */
export type Kind = CollectionKind

/** The kind of a binary operator's result: `Outcomes[operator][left][right]`. */
export type Outcomes = typeof outcomes

/** A row that came (weight 1, or more for equal rows) or went (weight -1, or less). */
export interface Change<T> {
  readonly row: T
  readonly weight: number
}

/** What a user's function, or a `for await`, sees of each kind. */
export interface Seen<T> {
  bounded: T
  appending: T
  updating: Change<T>
}

/** The result of grouping without a window: groups of an unbounded stream change. */
export type Grouped = typeof grouped

/** The result of grouping by window: a row leaves when its window has closed. */
export type Closed = typeof closed
