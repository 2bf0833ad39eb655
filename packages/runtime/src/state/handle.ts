/** What the driver needs of every state handle, whatever its kind. */
import { type Batch, KEY_GROUPS } from '@millrace/algebra'
import type { Json } from '../source.ts'

/** The group of pieces with rows of several: by key id, in the first column. */
export const MIXED_GROUPS = KEY_GROUPS

/**
 * A piece of a snapshot: what one state holds for one key group, for keys of several (`MIXED_GROUPS`), or (group -1) for
 * the subtask as a whole. Batches own their arrays. A restored handle must behave as the original would from there on:
 * iteration order included.
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
   * Keyed states, whose rows are told key by key: what is held of these ids, in ascending order, as pieces of
   * `MIXED_GROUPS`: valid for the moment, their arrays and opaque values may be those held. What has expired may be among it.
   */
  capture?(ids: Int32Array, length: number): StatePart[]
  /**
   * From here until `thaw`, `capture` tells of ids that no call has touched since: as if it were called now. Returns pieces
   * of the subtask as a whole.
   */
  freeze?(): StatePart[]
  thaw?(): void
  /**
   * Residency: brings what is held of these keys into memory, before the operator sees a batch with them. Null: it is
   * there. Absent: it always is.
   */
  load?(ids: Int32Array, length: number): Promise<void> | null
  /** Rows are kept elsewhere: `restore` may be called again and again, with some of them. */
  readonly takesPieces?: boolean
  /** Keyed states: something is remembered for this key. */
  holds?(id: number): boolean
  /** States that expire: lets go of what has expired of this key. Nothing but memory tells the difference. */
  expire?(id: number): void
}
