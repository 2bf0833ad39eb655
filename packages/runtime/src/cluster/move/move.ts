import type { MoveContext } from '../../state/declaration.ts'

/** For which subtask of an operator, where these are others than before, states are put together. */
export interface Move extends MoveContext {
  /** How many subtasks the operator had. */
  readonly formerly: number
  /** Splits matter to what comes behind it. */
  readonly tellsSplits: boolean
}
