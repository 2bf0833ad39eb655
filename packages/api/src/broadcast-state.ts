/** States that are alike on every worker: their declaration, and what functions of two collections see of them. */
import type { StateSpec } from '@millrace/plan'
import type { Declared, HandleOf, MapKey } from './state-handles.ts'
import { type StateOptions, stateOptions } from './state-options.ts'
import { checkOptions } from './steps/options.ts'

declare const broadcastState: unique symbol

/** A map that is alike on every worker, as `onElement` and `onTimer` see it: to be read. */
export interface BroadcastView<K, V> {
  readonly size: number
  has(key: K): boolean
  get(key: K): V | undefined
  /** In the order in which keys first came. */
  entries(): Iterable<readonly [K, V]>
}

/** A map that is alike on every worker, as `onBroadcast` sees it, which alone may change it. */
export interface BroadcastState<K, V> extends BroadcastView<K, V> {
  /** In the type only. */
  readonly [broadcastState]: true
  set(key: K, value: V): void
  delete(key: K): void
  clear(): void
}

/** A handle where broadcast states may only be read. */
export type ReadingHandleOf<D> =
  D extends Declared<infer H> ? (H extends BroadcastState<infer K, infer V> ? BroadcastView<K, V> : H) : never

/** Those states of `S` that are broadcast. */
export type BroadcastsOf<S> = {
  readonly [N in keyof S as S[N] extends Declared<{ readonly [broadcastState]: true }> ? N : never]: HandleOf<S[N]>
}

/**
 * Declares a map without a key, alike on every worker, for `connectBroadcast`: rules, settings. `onBroadcast` changes it, all
 * else reads it. Its keys are text, numbers, bigints, booleans or null.
 *
 * @example
 * payments.keyBy('card').connectBroadcast(limits, {
 *   emits: type<{ card: string; over: number }>(),
 *   state: { limits: broadcast<string, number>() },
 *   onBroadcast({ card, limit }, { state }) {
 *     state.limits.set(card, limit)
 *   },
 *   onElement({ card, amount }, { state, emit }) {
 *     const limit = state.limits.get(card) ?? 8
 *     if (amount > limit) emit({ card, over: amount - limit })
 *   },
 * })
 */
export function broadcast<K extends MapKey, V>(
  options: Omit<StateOptions<V>, 'ttl'> = {},
): Declared<BroadcastState<K, V>> {
  checkOptions('broadcast state', options, ['version', 'migrate'])
  const spec: StateSpec = Object.freeze({ kind: 'broadcast', ...stateOptions('broadcast', options) })
  return Object.freeze({ spec }) as Declared<BroadcastState<K, V>>
}
