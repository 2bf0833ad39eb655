import type { JobEvent } from './events.ts'
import type { Host } from './host/host.ts'

/** How a job is run. */
export interface ExecuteOptions {
  /** Default: the real one. */
  readonly host?: Host | undefined
  /** Gives the job up when aborted; `finished` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: ((event: JobEvent) => void) | undefined
  /** Rows of a batch, 1 to 1024; default 1024. */
  readonly batchRows?: number | undefined
  /** Milliseconds of processing time between two reports of metrics; default 200. */
  readonly metricsMs?: number | undefined
  /** False: run the plan as it was written; default: optimise it first. */
  readonly optimise?: boolean | undefined
  /** False: interpret expressions and aggregates instead of generating code; default: generate where allowed. */
  readonly generate?: boolean | undefined
  /** True: functions are given frozen rows, so that one that changes a row is found; default: as the mode has it. */
  readonly check?: boolean | undefined
  /** How many workers; default 1, in the caller's thread. More evaluate the job's module themselves, in threads. */
  readonly parallelism?: number | undefined
  /** The module that workers evaluate; default: the program. */
  readonly job?: URL | string | undefined
  /** Bytes that channels and what waits in them may take; default 512 MiB. */
  readonly memory?: number | undefined
  /** The longest row that is sent from worker to worker, in bytes; default 16 MiB. */
  readonly maxRowBytes?: number | undefined
  /** Milliseconds without a sign of life from a worker until it counts as hanging; default 30,000. */
  readonly workerTimeoutMs?: number | undefined
}
