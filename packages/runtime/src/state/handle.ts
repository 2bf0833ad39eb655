/** What the driver needs of every state handle, whatever its kind. */
import type { Batch } from '@millrace/algebra'
import type { Json } from '../source.ts'

/**
 * A piece of a snapshot: what one state holds for one key group, or (group -1) for the subtask as a whole. Batches
 * own their arrays. A restored handle must behave as the original would from there on: iteration order included.
 */
export interface StatePart {
  readonly group: number
  readonly meta: Json
  readonly batch: Batch | null
}

export interface StateHandle {
  snapshot(groupOf: (id: number) => number): StatePart[]
  restore(parts: readonly StatePart[]): void
  /**
   * Residency: brings what is held of these keys into memory, before the operator sees a batch with them. Null: it is
   * there. Absent: it always is.
   */
  load?(ids: Int32Array, length: number): Promise<void> | null
  /** Keyed states: something is remembered for this key. */
  holds?(id: number): boolean
  /** States that expire: lets go of what has expired of this key. Nothing but memory tells the difference. */
  expire?(id: number): void
}
