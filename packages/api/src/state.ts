/** Declared state: what a keyed function may remember, by name. */
import type { StateSpec } from '@millrace/plan'
import type { ColumnType, RowSchema } from '@millrace/runtime'
import type { Declared, DefaultedState, ListState, MapKey, MapState, ValueState } from './state-handles.ts'
import { type StateOptions, stateOptions, valueOptions } from './state-options.ts'

/** How a value of one type is a column, or its properties are several. */
export type StateColumns<V> = ColumnType<V> | RowSchema<V>

/**
 * Declares one value a key. Values are kept as they are given and must not be changed afterwards: `set` a new one.
 *
 * With a column type, or the columns of a row, the values lie in typed columns: a few bytes a key, checked when they are set.
 *
 * @example
 * payments.keyBy('card').process({
 *   emits: type<{ card: string; total: number }>(),
 *   state: { total: value({ default: 0 }) },
 *   onElement(payment, { state, emit }) {
 *     state.total.set(state.total.get() + payment.amount)
 *     emit({ card: payment.card, total: state.total.get() })
 *   },
 * })
 * @example
 * payments.keyBy('card').process({
 *   state: {
 *     total: value(double, { default: 0 }),
 *     last: value(row({ amount: double, time: timestamp }), { ttl: '30d' }),
 *   },
 *   onElement({ amount, time }, { state }) {
 *     state.total.set(state.total.get() + amount)
 *     state.last.set({ amount, time })
 *   },
 * })
 */
export function value<V, D extends V | undefined = undefined>(
  type: StateColumns<V>,
  options?: StateOptions<V> & { readonly default?: D },
): Declared<[D] extends [undefined] ? ValueState<V> : DefaultedState<V>>
export function value<V>(options: StateOptions<V> & { readonly default: V }): Declared<DefaultedState<V>>
export function value<V>(options?: StateOptions<V>): Declared<ValueState<V>>
export function value<V>(first?: StateColumns<V> | StateOptions<V>, second?: StateOptions<V>): Declared<ValueState<V>> {
  return declared({ kind: 'value', ...valueOptions(first, second) })
}

/**
 * Declares a list of values a key. Each value has its own time-to-live: from its being added or, with `refresh: 'read'`,
 * since the list was last read.
 *
 * @example
 * payments.keyBy('card').process({
 *   emits: type<{ card: string; often: number }>(),
 *   state: { recent: list<number>({ ttl: '1h' }) },
 *   onElement(payment, { state, emit }) {
 *     state.recent.add(payment.time)
 *     emit({ card: payment.card, often: state.recent.get().length })
 *   },
 * })
 */
export function list<V>(options?: StateOptions<V>): Declared<ListState<V>> {
  return declared({ kind: 'list', ...stateOptions('list', options) })
}

/**
 * Declares a map a key. Each entry has its own time-to-live. The keys of the map are text, numbers, bigints, booleans
 * or null.
 *
 * @example
 * payments.keyBy('card').process({
 *   emits: type<{ card: string; again: boolean }>(),
 *   state: { seen: map<number, true>({ ttl: { after: '1d', refresh: 'create' } }) },
 *   onElement(payment, { state, emit }) {
 *     emit({ card: payment.card, again: state.seen.has(payment.amount) })
 *     state.seen.set(payment.amount, true)
 *   },
 * })
 */
export function map<K extends MapKey, V>(options?: StateOptions<V>): Declared<MapState<K, V>> {
  return declared({ kind: 'map', ...stateOptions('map', options) })
}

/** A declaration as programs hold it. */
export function declared<H>(spec: StateSpec): Declared<H> {
  return Object.freeze({ spec: Object.freeze(spec) }) as Declared<H>
}
