/**
 * Declared state: what an operator may remember.
 *
 * From its declarations the driver makes handles, snapshots and restores them; an operator has no code for either.
 * Keyed kinds are addressed by the dense ids of the operator's one key index. A key lives while some keyed state
 * holds something for it.
 */
import type { Field, Schema } from '@millrace/algebra'
import type { CellState } from './cell.ts'
import type { ColumnsState } from './columns.ts'
import type { KeyedValues } from './keyed-values.ts'
import type { RowsState } from './rows.ts'
import type { SlicesState } from './slices.ts'
import type { TimersState } from './timers.ts'

/** Typed columns with one row a key. */
export interface ColumnsDeclaration {
  readonly kind: 'columns'
  readonly fields: readonly Field[]
}

/** Typed columns with one row a key and slice of time. */
export interface SlicesDeclaration {
  readonly kind: 'slices'
  readonly fields: readonly Field[]
}

/** Rows in order of arrival; `keyed`: chained by key. */
export interface RowsDeclaration {
  readonly kind: 'rows'
  readonly schema: Schema
  readonly keyed: boolean
}

/** Event-time timers by key: fired in order of time, then id; one a key and time. */
export interface TimersDeclaration {
  readonly kind: 'timers'
}

/** One small value for the whole subtask. */
export interface CellDeclaration<T = unknown> {
  readonly kind: 'cell'
  readonly initial: () => T
}

/** One opaque value a key; what a user's value, list and map states are made of. */
export interface KeyedValuesDeclaration {
  readonly kind: 'keyedValues'
}

export type StateDeclaration =
  | ColumnsDeclaration
  | SlicesDeclaration
  | RowsDeclaration
  | TimersDeclaration
  | CellDeclaration
  | KeyedValuesDeclaration

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>

export type HandleOf<D> = D extends ColumnsDeclaration
  ? ColumnsState
  : D extends SlicesDeclaration
    ? SlicesState
    : D extends RowsDeclaration
      ? RowsState
      : D extends TimersDeclaration
        ? TimersState
        : D extends CellDeclaration<infer T>
          ? CellState<T>
          : D extends KeyedValuesDeclaration
            ? KeyedValues
            : never

export type HandlesOf<S extends StateDeclarations> = { readonly [N in keyof S]: HandleOf<S[N]> }
