/** What a vertex puts into a checkpoint, and gets back when a job goes on from it. */

import type { Json } from '../source.ts'
import type { StatePart } from '../state/handle.ts'

/** Small things, which go into the manifest. */
export interface VertexRecord {
  /** It had said its last: it remembers nothing. */
  readonly finished: boolean
  /** As `timeJson` has it. */
  readonly watermark: number | string
  /** What else the driver has to know. */
  readonly driver: Json
}

/** By the name of the state; '' is the key index. */
export type VertexStates = ReadonlyMap<string, readonly StatePart[]>

/** What a subtask goes on from. */
export interface RestoredVertex {
  readonly record: VertexRecord
  readonly states: VertexStates
  /** The job had another number of workers or another plan then: states are put together anew, and channels are others. */
  readonly moved: boolean
  /** How many subtasks it had. */
  readonly formerly: number
}

/** What a vertex is to tell at a barrier. */
export interface CaptureKind {
  /** All that it remembers. */
  readonly whole: boolean
  /** The epoch that ended with the last checkpoint that counts. */
  readonly counts: number | undefined
  /** Keys that are told at once, at most; absent: as many as take about a millisecond. */
  readonly pieceIds?: number | undefined
}
