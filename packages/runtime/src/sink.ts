/**
 * The contract of sinks: two phases, so that results appear whole or not at all.
 *
 * Writers take rows, one in each place that the sink asks for (`place` of its spec), perhaps in threads of their own:
 * `write` takes batches as they come; `prepareCommit` makes everything written so far durable but not yet visible and
 * returns handles. When every writer of every sink has prepared, `commit` of the sink, in the thread of the caller,
 * makes what the handles name visible. It may be called again with the same handles after a crash, and knows nothing of
 * the writers, which may be gone. A job without checkpoints prepares and commits once, at its end; one that fails or is
 * cancelled aborts its writers, and has the sink `discard` what writers left that died.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { CollectionKind, SinkSpec } from '@millrace/plan'
import type { Host } from './host/host.ts'
import type { Json } from './source.ts'

export interface WriterContext {
  readonly host: Host
  /** Letters and digits, the same for all writers of a run, and for no other run. */
  readonly jobId: string
  readonly schema: Schema
  readonly collection: CollectionKind
  /** Which of the parallel writers this is: 0 to `parallelism` - 1. */
  readonly subtask: number
  /** How many writers the sink has in this run. */
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
  /**
   * Makes what was written durable and returns all that `commit` of the sink needs: paths, ids, partial results. Nothing
   * is written during the call.
   */
  prepareCommit(): Promise<readonly Json[]>
  /** Removes what was written and not committed, and lets go of files and sockets. */
  abort(): Promise<void>
  /** Lets go of files and sockets. Everything written has been prepared; it may be committed before or afterwards. */
  close(): Promise<void>
}

/** A run of a job, as far as a sink has to know it. */
export interface WriterJob {
  readonly jobId: string
  /** How many writers the sink has in this run. */
  readonly parallelism: number
}

declare const accepts: unique symbol

/** Takes rows of type `T`, from collections of the kinds `K`: a sink that takes only appended rows is no sink for updates. */
export interface Sink<in T = never, in K extends CollectionKind = never> extends SinkSpec {
  /** In the type only. */
  readonly [accepts]?: ((row: T, kind: K) => void) | undefined
  /** Throws or rejects with a MillraceError if the target cannot be written or the schema does not fit. */
  open(context: WriterContext): SinkWriter | Promise<SinkWriter>
  /**
   * Makes prepared output visible, that of one writer or of several. Idempotent. Runs in the thread of the caller, in
   * another instance of the sink than that of the writers where these have threads of their own.
   */
  commit(handles: readonly Json[]): Promise<void>
  /**
   * Removes what writers of a job left that died without `abort`, prepared or not. Called when the job has failed and none
   * of its writers lives any more; what was committed stays.
   */
  discard?(job: WriterJob): Promise<void>
}
