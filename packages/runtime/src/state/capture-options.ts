/** What a snapshot that is told while it is written needs to know of its operator. */
import type { KeyIndex } from '@millrace/algebra'
import type { CapturedPart } from './early-parts.ts'
import type { StateHandle } from './handle.ts'
import type { IdChanges } from './key-changes.ts'

export interface CaptureOptions {
  /** Null: nothing is told key by key. */
  readonly index: KeyIndex | null
  readonly whole: boolean
  readonly ids: IdChanges | null
  /** Handles with `capture`, by name. */
  readonly keyed: readonly (readonly [name: string, handle: StateHandle])[]
  /** What was copied at once. */
  readonly first: readonly CapturedPart[]
  readonly ended: () => void
  /** Ids of a piece at most. */
  readonly pieceIds?: number | undefined
}
