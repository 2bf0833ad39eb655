/** Declared state: what a keyed function may remember, by name. */
import type { StateSpec } from '@millrace/plan'

declare const handle: unique symbol

/** One value a key. */
export interface ValueState<V> {
  get(): V | undefined
  set(value: V): void
  clear(): void
}

/** One value a key, with a default. */
export interface DefaultedState<V> extends ValueState<V> {
  get(): V
}

/** Values a key, in the order in which they were added. */
export interface ListState<V> {
  get(): readonly V[]
  add(value: V): void
  set(values: readonly V[]): void
  clear(): void
}

/** Values by a second key, in the order in which those first came. */
export interface MapState<K, V> {
  readonly size: number
  has(key: K): boolean
  get(key: K): V | undefined
  set(key: K, value: V): void
  delete(key: K): void
  entries(): Iterable<readonly [K, V]>
  clear(): void
}

/** A declaration of state whose handle is an `H`. */
export interface Declared<out H> {
  /** In the type only. */
  readonly [handle]: H
  readonly spec: StateSpec
}

export type HandleOf<D> = D extends Declared<infer H> ? H : never

/**
 * Declares one value a key. Values are kept as they are given and must not be changed afterwards: `set` a new one.
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
 */
export function value<V>(): Declared<ValueState<V>>
export function value<V>(options: { readonly default: V }): Declared<DefaultedState<V>>
export function value<V>(options?: { readonly default: V }): Declared<ValueState<V>> {
  return declared(options === undefined ? { kind: 'value' } : { kind: 'value', default: options.default })
}

/** Declares a list of values a key. */
export function list<V>(): Declared<ListState<V>> {
  return declared({ kind: 'list' })
}

/** Declares a map a key. The keys of the map are text, numbers, bigints, booleans or null. */
export function map<K, V>(): Declared<MapState<K, V>> {
  return declared({ kind: 'map' })
}

function declared<H>(spec: StateSpec): Declared<H> {
  return Object.freeze({ spec: Object.freeze(spec) }) as Declared<H>
}
