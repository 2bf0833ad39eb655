/** What a function sees of its declared states: a handle of each, for the key it is called for. */
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

/** What may be a key of a map: what is the same value after a restart. */
export type MapKey = string | number | bigint | boolean | null

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

/** What was added to it, folded; undefined before the first. */
export interface AggregatingState<In, Out> {
  get(): Out | undefined
  add(value: In): void
  clear(): void
}

/** What was added to it, folded into one like them. */
export interface ReducingState<V> extends AggregatingState<V, V> {}

/** How values of `aggregating` state become one. */
export interface AggregateFunctions<In, Acc, Out> {
  create(): Acc
  add(accumulator: Acc, value: In): Acc
  result(accumulator: Acc): Out
}

/** A declaration of state whose handle is an `H`. */
export interface Declared<out H> {
  /** In the type only. */
  readonly [handle]: H
  readonly spec: StateSpec
}

export type HandleOf<D> = D extends Declared<infer H> ? H : never
