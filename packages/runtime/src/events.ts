/** What a job tells about itself while it runs: its metrics are a stream of these. */
import type { CallSite } from '@millrace/plan'

/** Figures of one operator since the job began. */
export interface OperatorMetrics {
  /** Position in the plan, stable over the run. */
  readonly id: number
  readonly label: string
  readonly site: CallSite | undefined
  readonly rowsIn: number
  readonly rowsOut: number
  /** Milliseconds spent in the operator and what it calls directly; measured once in 16 batches and scaled. */
  readonly busyMs: number
  /** Batches waiting before it. */
  readonly queued: number
  /** -Infinity before the first watermark. */
  readonly watermark: number
  /** What the operator counted itself: `late`, `skipped`. */
  readonly counters: Readonly<Record<string, number>>
}

/** How a worker spent its time, in milliseconds since the job began. */
export interface WorkerMetrics {
  readonly busyMs: number
  /** It had nothing to do. */
  readonly idleMs: number
  /** It waited for a sink or for another worker to take what it has. */
  readonly backpressuredMs: number
}

/** What the job's data takes, in bytes, all workers together. State is not among it. */
export interface MemoryMetrics {
  /** Channels between workers, whether full or empty. */
  readonly channels: number
  /** What has found no room in them. */
  readonly waiting: number
  /** Rows of joins' left sides that wait for the right. */
  readonly kept: number
  /** Batches that wait before operators; opaque values count as pointers. */
  readonly queued: number
}

export type JobEvent =
  | { readonly kind: 'started'; readonly atMs: number; readonly operators: readonly string[] }
  /** Every `metricsMs` of processing time, or every second while nothing changes, and once at the end. */
  | {
      readonly kind: 'metrics'
      readonly atMs: number
      readonly operators: readonly OperatorMetrics[]
      /** One for each worker, then the caller where several work. */
      readonly workers: readonly WorkerMetrics[]
      readonly memory: MemoryMetrics
      readonly summary: JobSummary
    }
  /** A row a source could not read and, by its `onError`, passed over. */
  | { readonly kind: 'rejected'; readonly at: string; readonly message: string }
  /** All that was wanted of a split had been read, but its reader failed to let go of what it held. */
  | { readonly kind: 'notClosed'; readonly source: string; readonly split: string; readonly message: string }
  | { readonly kind: 'committed'; readonly sink: string; readonly handles: number }
  /** A checkpoint or savepoint is complete; `bytes` are those of its parts. */
  | {
      readonly kind: 'checkpoint' | 'savepoint'
      readonly id: number
      readonly atMs: number
      readonly tookMs: number
      readonly bytes: number
    }
  | { readonly kind: 'checkpointFailed'; readonly id: number; readonly error: unknown }
  /** The job goes on from this checkpoint; `finished`: it had come to its end, and there is nothing left to do. */
  | {
      readonly kind: 'restored'
      readonly id: number
      readonly takenAtMs: number
      readonly finished: boolean
      /** Sources, sinks and operators with state that the checkpoint has nothing of: they begin anew. */
      readonly added: readonly string[]
      /** What the program has no operator for, as a user reads it: it is let go of. */
      readonly dropped: readonly string[]
    }
  /** The job has failed, and begins again after a pause: from its last checkpoint, if there is one. */
  | { readonly kind: 'restarting'; readonly atMs: number; readonly error: unknown; readonly afterMs: number }
  | { readonly kind: 'finished'; readonly atMs: number; readonly summary: JobSummary }
  | { readonly kind: 'failed'; readonly atMs: number; readonly error: unknown }
  | { readonly kind: 'cancelled'; readonly atMs: number }

/** The job as a whole. */
export interface JobSummary {
  /** Rows read by all sources. */
  readonly rowsRead: number
  /** Rows written by all sinks. */
  readonly rowsWritten: number
  /** Rows dropped or sent to a `late` side output because their windows had closed. */
  readonly late: number
  /** Rows sources could not read and passed over. */
  readonly skipped: number
  /** The least watermark of any operator that has one; -Infinity where none has. */
  readonly watermark: number
  readonly elapsedMs: number
}
