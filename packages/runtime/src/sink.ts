/**
 * The contract of sinks: two phases, so that results appear whole or not at all.
 *
 * `write` takes batches as they come; `prepareCommit` makes everything written so far durable but not yet visible and
 * returns handles; `commit` makes those visible, and may be called again with the same handles after a crash. A job
 * without checkpoints prepares and commits once, at its end; one that fails or is cancelled aborts.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { CollectionKind, SinkSpec } from '@millrace/plan'
import type { Host } from './host/host.ts'
import type { Json } from './source.ts'

export interface WriterContext {
  readonly host: Host
  readonly schema: Schema
  readonly collection: CollectionKind
  /** Which of the parallel writers this is. */
  readonly subtask: number
  readonly parallelism: number
  /** Tells the driver that `ready` has become true. */
  wake(): void
}

export interface SinkWriter {
  /** Takes a batch that is lent for the call. Called only while `ready`. */
  write(batch: Batch): void
  /** False while what was written waits for the outside; the sources then slow down. */
  readonly ready: boolean
  /** Everything up to `watermark` has been written. */
  watermark?(watermark: number): void
  /** Makes what was written durable and returns what `commit` needs. Nothing is written during the call. */
  prepareCommit(): Promise<readonly Json[]>
  /** Makes prepared output visible. Idempotent. */
  commit(handles: readonly Json[]): Promise<void>
  /** Removes what was written and not committed, and lets go of files and sockets. */
  abort(): Promise<void>
  /** After the last commit. */
  close(): Promise<void>
}

declare const accepts: unique symbol

/** Takes rows of type `T`, from collections of the kinds `K`: a sink that takes only appended rows is no sink for updates. */
export interface Sink<in T = never, in K extends CollectionKind = never> extends SinkSpec {
  /** In the type only. */
  readonly [accepts]?: ((row: T, kind: K) => void) | undefined
  /** Throws or rejects with a MillraceError if the target cannot be written or the schema does not fit. */
  open(context: WriterContext): SinkWriter | Promise<SinkWriter>
}
