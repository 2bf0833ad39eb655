/**
 * The contract of sinks: two phases, so that results appear whole or not at all, and each row once.
 *
 * Writers take rows, one in each place that the sink asks for (`place` of its spec), perhaps in threads of their own:
 * `write` takes batches as they come; `prepareCommit` makes everything written so far durable but not yet visible and
 * returns handles. When every writer of every sink has prepared, `commit` of the sink, in the thread of the caller,
 * makes what the handles name visible. It may be called again with the same handles after a crash, and knows nothing of
 * the writers, which may be gone. A job without checkpoints prepares and commits once, at its end; one that fails or is
 * cancelled aborts its writers, and has the sink `discard` what writers left that died.
 *
 * A job that takes checkpoints asks every writer at the barrier for `prepareCommit()` and then, with no write between, for
 * `snapshot()`: what a new writer needs to go on exactly behind what was prepared. Handles and states are part of the
 * checkpoint; once that is complete, the handles are committed. The job's last checkpoint is that of `prepareCommit(true)`.
 * A run that begins from a checkpoint has the jobId of the one that took it, and does in this order, for each sink:
 * `commit` (the checkpoint's handles: the crash may have come before; of a bounded result, which is shown whole or not at all,
 * only when that has come to its end, until when its handles pile up), `recover` (what dead writers wrote behind the
 * checkpoint goes), `open` with the states. So at every moment what can be seen of a writer's rows are those up to some complete checkpoint.
 */
import type { Batch, Schema } from '@millrace/algebra'
import type { CollectionKind, SinkSpec } from '@millrace/plan'
import type { Host } from './host/host.ts'
import type { Json } from './source.ts'

/** What a writer remembers across checkpoints. */
export interface WriterState {
  readonly meta: Json
  /** Rows of the sink's schema (`WriterContext.schema`), with weights if there are any. */
  readonly batch: Batch | null
}

export interface WriterContext {
  readonly host: Host
  /** Letters and digits, the same for all writers of a run, and for no other run but those that go on from its checkpoints. */
  readonly jobId: string
  readonly schema: Schema
  readonly collection: CollectionKind
  /** Which of the parallel writers this is: 0 to `parallelism` - 1. */
  readonly subtask: number
  /** How many writers the sink has in this run. */
  readonly parallelism: number
  /** The job takes checkpoints: `prepareCommit` comes at each of them, and what was prepared outlives the writer. */
  readonly checkpointed: boolean
  /** The run goes on from a checkpoint with as many writers as now: what this subtask's said then. */
  readonly restored?: WriterState | undefined
  /**
   * The run goes on from a checkpoint with another number of workers: what those of the sink's subtasks said that fall to this
   * writer, dealt round (subtask, subtask + parallelism, ...); there may be none. `restored` is then undefined.
   */
  readonly restoredAll?: readonly WriterState[] | undefined
  /** With `restoredAll`: what all of the sink's subtasks said then, without their rows, those that fall to other writers too. */
  readonly restoredMetas?: readonly Json[] | undefined
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
   * is written during the call. In a job with checkpoints rows may be kept back for a later commit, if `snapshot` says
   * where they are, until `last`.
   * @param last nothing is written afterwards, and everything must be committed by these handles; default: the job takes
   * no checkpoints
   */
  prepareCommit(last?: boolean): Promise<readonly Json[]>
  /**
   * What a new writer needs to go on behind what was prepared; null or no such method: nothing. Called right after
   * `prepareCommit` has resolved, before any further write. The batch is the driver's until it is written: the writer changes it no
   * more.
   */
  snapshot?(): WriterState | null
  /**
   * Lets go of files and sockets, and removes what was written and not committed. In a job with checkpoints a run may go on
   * from one of them: then what any preparation or snapshot of this or an earlier writer names stays where it is; `recover`
   * removes what is not needed.
   */
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

/** From what a job goes on, as far as a sink has to know it. */
export interface Recovery {
  readonly jobId: string
  /** Those of the checkpoint: committed by now or, of a bounded result, to be committed at its end. */
  readonly handles: readonly Json[]
  /** Those of all the sink's writers at the checkpoint, by subtask, without their rows; those that had none are left out. */
  readonly states: readonly Pick<WriterState, 'meta'>[]
}

declare const accepts: unique symbol

/** Takes rows of type `T`, from collections of the kinds `K`: a sink that takes only appended rows is no sink for updates. */
export interface Sink<in T = never, in K extends CollectionKind = never> extends SinkSpec {
  /** In the type only. */
  readonly [accepts]?: ((row: T, kind: K) => void) | undefined
  /** Throws or rejects with a MillraceError if the target cannot be written or the schema does not fit. */
  open(context: WriterContext): SinkWriter | Promise<SinkWriter>
  /**
   * Makes prepared output visible, that of one writer or of several, of one checkpoint or of several in their order.
   * @param first true: nobody has tried to commit them before, so that what they name and is not there is lost
   *
   * Idempotent, also in another process, after the crash of one that had committed some or all of it, and when later runs have
   * replaced what it made visible. Runs in the thread of the caller, in another instance of the sink than that of the
   * writers where these have threads of their own.
   */
  commit(handles: readonly Json[], first?: boolean): Promise<void>
  /**
   * Removes what writers of a job left that died without `abort`, prepared or not. Called when the job has failed and none
   * of its writers lives any more; what was committed stays. Of a job with checkpoints only if none is complete, since a
   * run that goes on from it needs what its writers left; at latest when the job begins again.
   */
  discard?(job: WriterJob): Promise<void>
  /**
   * Removes what writers of the job left that neither the states nor the handles name: it was written after the checkpoint
   * from which the job goes on, and will be written again. Called once, in the thread of the caller, behind the commit and
   * before writers are opened; none of an earlier run lives any more. May be called again after a crash.
   */
  recover?(recovery: Recovery): Promise<void>
}
