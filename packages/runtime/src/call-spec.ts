/** What an operator has asked for outside: part of its contract. */

/** What a call knows of itself. */
export interface CallContext {
  /** Aborted when the call takes too long, or the job is over. */
  readonly signal: AbortSignal
  /** 1 for the first. */
  readonly attempt: number
}

/** Calls that the driver makes for an operator: one for each request, and others where it fails. */
export interface CallSpec {
  /** Returns the answer to a request's row, or a promise of it. */
  readonly fn: (row: never, context: CallContext) => unknown
  /** An attempt that takes longer has failed. */
  readonly timeoutMs: number
  /** In all. */
  readonly attempts: number
  /** Waited before this attempt, the second or a later one. */
  backoffMs(attempt: number): number
  /** Whether it is worth another attempt. */
  retries(error: unknown): boolean
}
