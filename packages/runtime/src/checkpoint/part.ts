/**
 * A part: what one site puts into a checkpoint, a file of records. A record holds what one state of one subtask
 * remembers of one key group, or (group -1) of the subtask as a whole.
 *
 * A part may be several files, the base first. A state of which a file has a record with `change: true` goes on from what files
 * before have of it; otherwise they count no longer. See `cluster/merge-parts.ts`.
 */
import type { Batch } from '@millrace/algebra'
import type { Json } from '../source.ts'

export interface PartRecord {
  /** The operator's identity (`PhysicalNode.id`). */
  readonly operator: string
  readonly subtask: number
  /** The name of a declared state; '' is the key index. */
  readonly state: string
  readonly group: number
  readonly change: boolean
  readonly meta: Json
  readonly batch: Batch | null
}
