/**
 * The contract of state stores: where declared state lives. Everything an operator does is done on rows in memory; a
 * store that keeps rows elsewhere has its handles bring them in first (`StateHandle.load`).
 */
import { BroadcastState } from './broadcast.ts'
import type { CallClock } from './call-clock.ts'
import { CellState } from './cell.ts'
import { ColumnsState } from './columns.ts'
import type { StateDeclaration } from './declaration.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import type { StateHandle } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import { OperatorList } from './operator-list.ts'
import { RequestsState } from './requests.ts'
import { RowsState } from './rows.ts'
import { SlicesState } from './slices.ts'
import { TimersState } from './timers.ts'
import { userState } from './user-state.ts'

export interface StateStore {
  /**
   * The handle of a declared state; it counts in `dropped` the keys of which it lets go, and takes from `clock` the moment
   * of the operator's call.
   */
  handle(declaration: StateDeclaration, dropped: DroppedKeys, clock: CallClock): StateHandle
}

/** All of it in memory. */
export const memoryStore: StateStore = {
  handle(declaration, dropped, clock) {
    switch (declaration.kind) {
      case 'columns':
        return new ColumnsState(declaration.fields, dropped)
      case 'slices':
        return new SlicesState(declaration.fields, dropped)
      case 'rows':
        return new RowsState(declaration.schema, declaration.keyed, dropped)
      case 'timers':
        return new TimersState(dropped)
      case 'cell':
        return new CellState(declaration.initial())
      case 'keyedValues':
        return new KeyedValues(dropped)
      case 'broadcast':
        return new BroadcastState(declaration.evolution)
      case 'operatorList':
        return new OperatorList(declaration.evolution)
      case 'requests':
        return new RequestsState()
      default:
        return userState(declaration, dropped, clock)
    }
  },
}
