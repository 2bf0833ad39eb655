/** Sinks with everything they need above them, ready to run. */
import type { JobEvent, JobSummary } from '@millrace/runtime'

export interface RunOptions {
  /** Stops the job when aborted: the run rejects with the signal's reason, and nothing half written stays. */
  readonly signal?: AbortSignal
  /** Is told what the job tells about itself while it runs: figures, rows passed over, commits. */
  readonly onEvent?: (event: JobEvent) => void
}

export interface Job {
  /**
   * Runs until every source above the sink has ended. Resolves with the job's final figures when the output is in
   * place; rejects with a MillraceError that says what was wrong and where.
   */
  run(options?: RunOptions): Promise<JobSummary>
  /** The plan as text. */
  explain(): string
}
