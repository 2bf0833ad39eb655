/** What `mapAsync` is given: a function of each row, and how much of it may be under way, and for how long. */
import type { Duration } from './words.ts'

/** What an asynchronous function is told of its call. */
export interface AsyncCall {
  /** Aborted when the attempt has taken too long, and when the job ends before it: pass it on to `fetch` and the like. */
  readonly signal: AbortSignal
  /** 1 for the first attempt at this row. */
  readonly attempt: number
}

export interface AsyncOptions {
  /** Rows that are asked for at the same time, on each worker; with as many the input waits. Default 100. */
  readonly capacity?: number
  /**
   * Whether results come in the order of their rows. Default true. Otherwise they come as they are there, but never pass a
   * watermark.
   */
  readonly ordered?: boolean
  /** An attempt that takes longer has failed. Default `'1m'`. */
  readonly timeout?: Duration
  /** Default: a failure fails the job. */
  readonly retry?: AsyncRetry
}

/** What is done about a promise that is rejected, a function that throws, and an attempt that takes too long. */
export interface AsyncRetry {
  /** In all, with the first. When the last has failed, so has the job. */
  readonly attempts: number
  /** Waited before the second attempt. Default `'100ms'`. */
  readonly backoff?: Duration
  /** Before every further attempt it is so many times as long. Default 2. */
  readonly factor?: number
  /** It is never longer than this. Default `'30s'`. */
  readonly maxBackoff?: Duration
  /** Whether this error is worth another attempt. Default: every one. */
  readonly when?: (error: unknown) => boolean
}
