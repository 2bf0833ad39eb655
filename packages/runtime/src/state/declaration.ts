/**
 * Declared state: what an operator may remember.
 *
 * From its declarations the driver makes handles, snapshots and restores them; an operator has no code for either.
 * Keyed kinds are addressed by the dense ids of the operator's one key index. A key lives while some keyed state
 * holds something for it.
 */
import type { Field, Schema } from '@millrace/algebra'
import type { BroadcastState } from './broadcast.ts'
import type { CellState } from './cell.ts'
import type { ColumnsState } from './columns.ts'
import type { Evolution } from './evolution.ts'
import type { KeyedValues } from './keyed-values.ts'
import type { OperatorList } from './operator-list.ts'
import type { RequestsState } from './requests.ts'
import type { RowsState } from './rows.ts'
import type { SlicesState } from './slices.ts'
import type { TimersState } from './timers.ts'
import type {
  ListCells,
  ListsDeclaration,
  MapCells,
  MapsDeclaration,
  ValueCells,
  ValuesDeclaration,
} from './user-declarations.ts'

/** Typed columns with one row a key. */
interface ColumnsDeclaration {
  readonly kind: 'columns'
  readonly fields: readonly Field[]
  /** What stands in them, where other fields of the same types might: a checkpoint of something else is refused. */
  readonly means?: readonly string[] | undefined
}

/** Typed columns with one row a key and slice of time. */
interface SlicesDeclaration {
  readonly kind: 'slices'
  readonly fields: readonly Field[]
  readonly means?: readonly string[] | undefined
}

/** Rows in order of arrival; `keyed`: chained by key. */
interface RowsDeclaration {
  readonly kind: 'rows'
  readonly schema: Schema
  readonly keyed: boolean
}

/** Event-time timers by key: fired in order of time, then id; one a key and time. */
interface TimersDeclaration {
  readonly kind: 'timers'
}

/** For whom a state is put together that is restored with other subtasks. */
export interface MoveContext {
  readonly subtask: number
  readonly subtasks: number
  /** Numbers of the splits that are read here; undefined: the operator sees them under other numbers than it did. */
  readonly splits: ReadonlySet<number> | undefined
}

/** One small value for the whole subtask. */
interface CellDeclaration<T = unknown> {
  readonly kind: 'cell'
  readonly initial: () => T
  /**
   * The value of a subtask where they are others than before, from those of the former ones that had not come to their end.
   * Default, for operators with one subtask: the value itself.
   */
  move?(values: readonly T[], context: MoveContext): T
}

/** One opaque value a key. */
interface KeyedValuesDeclaration {
  readonly kind: 'keyedValues'
}

/** A map that every subtask holds alike, restored from any one of them. */
export interface BroadcastDeclaration<K = unknown, V = unknown> {
  readonly kind: 'broadcast'
  readonly evolution?: Evolution
  /** In the types only. */
  readonly entry?: readonly [K, V]
}

/** A list for the whole subtask, dealt out anew where a job is restored with another number of them. */
export interface OperatorListDeclaration<V = unknown> {
  readonly kind: 'operatorList'
  readonly evolution?: Evolution
  /** In the types only. */
  readonly value?: V
}

/** Rows for which something outside is asked, dealt out anew where a job is restored with another number of subtasks. */
interface RequestsDeclaration {
  readonly kind: 'requests'
}

export type StateDeclaration =
  | ColumnsDeclaration
  | SlicesDeclaration
  | RowsDeclaration
  | TimersDeclaration
  | CellDeclaration
  | KeyedValuesDeclaration
  | ValuesDeclaration
  | ListsDeclaration
  | MapsDeclaration
  | BroadcastDeclaration
  | OperatorListDeclaration
  | RequestsDeclaration

export type StateDeclarations = Readonly<Record<string, StateDeclaration>>

/** The handle of each kind whose type says nothing of its values. */
interface Handles {
  columns: ColumnsState
  slices: SlicesState
  rows: RowsState
  timers: TimersState
  keyedValues: KeyedValues
  values: ValueCells
  lists: ListCells
  maps: MapCells
  requests: RequestsState
}

export type HandleOf<D> =
  D extends CellDeclaration<infer T>
    ? CellState<T>
    : D extends BroadcastDeclaration<infer K, infer V>
      ? BroadcastState<K, V>
      : D extends OperatorListDeclaration<infer V>
        ? OperatorList<V>
        : D extends { readonly kind: infer K extends keyof Handles }
          ? Handles[K]
          : never

export type HandlesOf<S extends StateDeclarations> = { readonly [N in keyof S]: HandleOf<S[N]> }
