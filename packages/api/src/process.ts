/** What `keyBy(...).process` is given: a function of each row, with declared state, timers and side outputs. */
import { Schema } from '@millrace/algebra'
import type { RowSchema } from '@millrace/runtime'
import type { Declared, HandleOf } from './state-handles.ts'

/** Event-time timers of the current key. One a time: setting it again changes nothing. */
export interface Timers {
  /** Calls `onTimer` when the watermark has reached that time, in milliseconds since 1970. */
  at(timeMs: number): void
  cancel(timeMs: number): void
}

export interface Context<Key, S, O, D> {
  readonly key: Key
  /** The handles of the declared states, for the current key. */
  readonly state: { readonly [N in keyof S]: HandleOf<S[N]> }
  readonly timers: Timers
  /** The event time of the row, or of the timer; undefined without event time. */
  readonly time: number | undefined
  emit(row: O): void
  side<N extends keyof D & string>(name: N, row: D[N]): void
}

/**
 * Functions must be deterministic, and keep what they remember in declared state: so that a job can be restarted.
 *
 * @example const alerts = payments.keyBy('card').process({
 *   emits: type<{ card: string; within: number }>(),
 *   sides: { single: type<Payment>() },
 *   state: { last: value<Payment>() },
 *   onElement(payment, { state, timers, emit }) {
 *     const last = state.last.get()
 *     if (last !== undefined) emit({ card: payment.card, within: payment.time - last.time })
 *     state.last.set(payment)
 *     timers.at(payment.time + 60_000)
 *   },
 *   onTimer(time, { state, side }) {
 *     const last = state.last.get()
 *     if (last !== undefined && last.time + 60_000 === time) side('single', last)
 *   },
 * })
 * alerts.side('single')
 */
export interface ProcessSpec<T, Key, S, O, D> {
  /** `{ last: value<Payment>(), seen: map<string, number>() }` */
  state?: S & { readonly [name: string]: Declared<unknown> }
  /** What `emit` takes: `type<Alert>()`, or columns: `row({ card: text, at: timestamp })`. */
  emits?: RowSchema<O>
  /** What `side` takes, by name of the side output. */
  sides?: { readonly [N in keyof D]: RowSchema<D[N]> }
  onElement(row: T, context: Context<Key, S, O, D>): void
  onTimer?(timeMs: number, context: Context<Key, S, O, D>): void
}

/** Declares rows by a TypeScript type alone: they travel as the objects they are. `row({...})` makes them columns. */
export function type<T>(): RowSchema<T> {
  return Object.freeze({
    schema: Schema.opaque,
    '~standard': {
      version: 1 as const,
      vendor: 'millrace',
      validate: (value: unknown) => ({ value: value as T }),
    },
  })
}
