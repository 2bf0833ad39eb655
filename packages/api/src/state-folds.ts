/** Declared state into which what is added is folded. */

import { declared, type StateColumns } from './state.ts'
import type { AggregateFunctions, AggregatingState, Declared, ReducingState } from './state-handles.ts'
import { foldOptions, type StateOptions } from './state-options.ts'
import { checkFunction } from './steps/options.ts'

/**
 * Declares one value a key into which what is added is folded, as it comes; with a type before it, in typed columns.
 *
 * @example
 * payments.keyBy('card').process({
 *   emits: type<{ card: string; most: number }>(),
 *   state: { most: reducing((a: number, b: number) => Math.max(a, b)) },
 *   onElement(payment, { state, emit }) {
 *     state.most.add(payment.amount)
 *     emit({ card: payment.card, most: state.most.get()! })
 *   },
 * })
 */
export function reducing<V>(reduce: (a: V, b: V) => V, options?: StateOptions<V>): Declared<ReducingState<V>>
export function reducing<V>(
  type: StateColumns<V>,
  reduce: (a: V, b: V) => V,
  options?: StateOptions<V>,
): Declared<ReducingState<V>>
export function reducing<V>(...given: readonly unknown[]): Declared<ReducingState<V>> {
  const [type, reduce, options] = typed<V, (a: V, b: V) => V>(given, isFunction)
  checkFunction('reducing', reduce)
  return declared({ kind: 'reducing', reduce, ...foldOptions('reducing', type, options) })
}

/**
 * Declares an accumulator a key. `add` may change the accumulator it is given, and returns the one to keep. With the type of
 * the accumulator before it, it lies in typed columns.
 *
 * @example
 * payments.keyBy('card').process({
 *   emits: type<{ card: string; mean: number }>(),
 *   state: {
 *     mean: aggregating({
 *       create: () => ({ sum: 0, n: 0 }),
 *       add: ({ sum, n }, amount: number) => ({ sum: sum + amount, n: n + 1 }),
 *       result: ({ sum, n }) => sum / n,
 *     }),
 *   },
 *   onElement(payment, { state, emit }) {
 *     state.mean.add(payment.amount)
 *     emit({ card: payment.card, mean: state.mean.get()! })
 *   },
 * })
 */
export function aggregating<In, Acc, Out>(
  aggregate: AggregateFunctions<In, Acc, Out>,
  options?: StateOptions<Acc>,
): Declared<AggregatingState<In, Out>>
export function aggregating<In, Acc, Out>(
  type: StateColumns<Acc>,
  aggregate: AggregateFunctions<In, Acc, Out>,
  options?: StateOptions<Acc>,
): Declared<AggregatingState<In, Out>>
export function aggregating<In, Acc, Out>(...given: readonly unknown[]): Declared<AggregatingState<In, Out>> {
  const [type, aggregate, options] = typed<Acc, AggregateFunctions<In, Acc, Out>>(given, isAggregate)
  const { create, add, result } = aggregate
  for (const [name, f] of Object.entries({ create, add, result })) checkFunction(`aggregating ${name}`, f)
  return declared({ kind: 'aggregating', create, add, result, ...foldOptions('aggregating', type, options) })
}

/** With the type in front, where there is none. */
function typed<V, F>(
  given: readonly unknown[],
  isFold: (first: unknown) => boolean,
): [type: StateColumns<V> | undefined, fold: F, options: StateOptions<V> | undefined] {
  return (isFold(given[0]) || given.length < 2 ? [undefined, ...given] : given) as never
}

const isFunction = (first: unknown): boolean => typeof first === 'function'
const isAggregate = (first: unknown): boolean => typeof first === 'object' && first !== null && 'create' in first
