/**
 * A part: what one site puts into a checkpoint, a file of records. A record holds what one state of one subtask
 * remembers of one key group, or (group -1) of the subtask as a whole.
 *
 * Increments: the files of a part are read in order. A record with `change: false` replaces what files before had of its
 * (operator, subtask, state, group); one with `change: true` is applied to it by the state that wrote it.
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
