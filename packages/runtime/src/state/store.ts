/**
 * The contract of state stores: where declared state lives. Everything an operator does is done on rows in memory; a
 * store that keeps rows elsewhere has its handles bring them in first (`StateHandle.load`).
 */
import { CellState } from './cell.ts'
import { ColumnsState } from './columns.ts'
import type { StateDeclaration } from './declaration.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import type { StateHandle } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import { RowsState } from './rows.ts'
import { SlicesState } from './slices.ts'
import { TimersState } from './timers.ts'

export interface StateStore {
  /** The handle of a declared state; it counts in `dropped` the keys of which it lets go. */
  handle(declaration: StateDeclaration, dropped: DroppedKeys): StateHandle
}

/** All of it in memory. */
export const memoryStore: StateStore = {
  handle(declaration, dropped) {
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
    }
  },
}
