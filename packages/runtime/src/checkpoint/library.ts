/**
 * A job's checkpoints in their storage, as the coordinator sees them.
 *
 * The contract only; `openCheckpoints` in `checkpoints.ts` makes one.
 */
import type { CheckpointKind, Manifest } from './manifest.ts'
import type { StoredFile } from './storage.ts'

export interface Checkpoints {
  /** Of this run: greater than that of every run before in this storage. */
  readonly fence: number
  /** Of this run, should it have nothing to go on from. */
  readonly jobId: string
  /** Of runs before, all of which ended before anything was complete: what their sinks have left may go. */
  readonly leftovers: readonly string[]
  /** What was left is gone. */
  cleared(): void
  /**
   * The newest complete checkpoint, every file of it checked; undefined if there is none. Rejects with CHECKPOINT_DAMAGED if
   * the newest complete one is damaged, rather than give an older one: what was committed since would be repeated.
   */
  newest(options?: { readonly allowOlder?: boolean }): Promise<Manifest | undefined>
  /** One by its id, or by the name of its folder; every file of it checked. Rejects with CHECKPOINT_MISSING. */
  find(which: number | string): Promise<Manifest>
  /** An id that nobody had before. */
  nextId(): number
  /** Where a site writes its part of a checkpoint: a path for `CheckpointStorage.write`. The kind: `checkpoint`. */
  partPath(id: number, site: number, kind?: CheckpointKind): string
  /**
   * Checks every file that is new in it by its checksum, then puts the manifest in place. When it has resolved the checkpoint
   * is complete. Rejects with CHECKPOINT_FENCED if a later run has taken the storage over: nothing counts then.
   */
  complete(manifest: Manifest): Promise<void>
  /** Removes what no retained checkpoint needs: the newest `retain` of kind `checkpoint`, and all savepoints, stay. */
  prune(retain: number): Promise<void>
  /**
   * Lets go of what an unfinished checkpoint has left: one that will not be completed, or whose `complete` has rejected. Such a
   * one may still count when the job is restored, until this has resolved or another was completed.
   */
  discard(id: number): Promise<void>
}

/** What `millrace checkpoints DIR` lists. */
export interface CheckpointSummary {
  readonly id: number
  readonly kind: CheckpointKind
  readonly complete: boolean
  /** Why it cannot be restored, if so. */
  readonly damage?: string
  readonly manifest?: Manifest
  readonly files: readonly StoredFile[]
}
