/** What `connectBroadcast` is given: functions of the rows of two collections, one of which every worker sees. */
import type { RowSchema } from '@millrace/runtime'
import type { BroadcastsOf, ReadingHandleOf } from './broadcast-state.ts'
import type { Timers } from './process.ts'
import type { Declared } from './state-handles.ts'

/** What every call may do. */
export interface Emitting<O, D> {
  /** The event time of the row, or of the timer; undefined without event time. */
  readonly time: number | undefined
  emit(row: O): void
  side<N extends keyof D & string>(name: N, row: D[N]): void
}

/** For a row of the collection itself. */
export interface ElementContext<S, O, D> extends Emitting<O, D> {
  /** The handles of the declared states; broadcast ones can be read. */
  readonly state: { readonly [N in keyof S]: ReadingHandleOf<S[N]> }
}

/** For a row, or a timer, of a key. */
export interface KeyedElementContext<Key, S, O, D> extends ElementContext<S, O, D> {
  readonly key: Key
  readonly timers: Timers
}

/** For a row of the other collection, on every worker: it belongs to no key. */
export interface BroadcastContext<S, O, D> extends Emitting<O, D> {
  /** The broadcast states. */
  readonly state: BroadcastsOf<S>
}

interface Declarations<S, O, D> {
  /** `{ rules: broadcast<string, Rule>(), last: value<Payment>() }`; without `keyBy` broadcasts and lists. */
  state?: S & { readonly [name: string]: Declared<unknown> }
  /** What `emit` takes: `type<Alert>()`, or columns: `row({ card: text, at: timestamp })`. */
  emits?: RowSchema<O>
  /** What `side` takes, by name of the side output. */
  sides?: { readonly [N in keyof D]: RowSchema<D[N]> }
}

/**
 * `onBroadcast` is called on every worker for every row of the other collection, in one order: what it does to the state must
 * follow from the row and from the state alone. What it emits comes out once for each worker.
 */
export interface BroadcastSpec<T, R, S, O, D> extends Declarations<S, O, D> {
  onElement(row: T, context: ElementContext<S, O, D>): void
  onBroadcast(row: R, context: BroadcastContext<S, O, D>): void
}

/** As `BroadcastSpec`, by key: with state of the key, and timers. */
export interface KeyedBroadcastSpec<T, R, Key, S, O, D> extends Declarations<S, O, D> {
  onElement(row: T, context: KeyedElementContext<Key, S, O, D>): void
  onBroadcast(row: R, context: BroadcastContext<S, O, D>): void
  onTimer?(timeMs: number, context: KeyedElementContext<Key, S, O, D>): void
}
