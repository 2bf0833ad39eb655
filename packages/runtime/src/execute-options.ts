import type { CheckpointSettings } from './cluster/checkpointing.ts'
import { DEFAULT_RESTART, type RestartStrategy } from './cluster/restart.ts'
import type { JobEvent } from './events.ts'
import type { Host } from './host/host.ts'

/** Where and when a job takes checkpoints, and what follows from a failure. */
export interface CheckpointOptions extends CheckpointSettings {
  /** The folder that holds them, which belongs to this job alone. */
  readonly dir: string
  readonly restart: RestartStrategy
  /** Goes on from an older checkpoint if the newest complete one is damaged; what was committed since is written again. */
  readonly allowOlder?: boolean | undefined
  /** Goes on although the checkpoint has state that the program has no operator for; that state is gone. */
  readonly allowDropped?: boolean | undefined
  /** A checkpoint or savepoint to begin from, where `dir` has none: its path. */
  readonly from?: string | undefined
}

/** Unless something else is said. */
export const CHECKPOINT_DEFAULTS: Omit<CheckpointOptions, 'dir'> = {
  everyMs: 10_000,
  minPauseMs: 0,
  timeoutMs: 600_000,
  retain: 1,
  tolerates: 3,
  restart: DEFAULT_RESTART,
}

/** State of which only the rows used last are in memory. */
export interface DiskState {
  /** The folder of its files; default: that of the checkpoints, or else the system's for temporary files. */
  readonly dir?: string | undefined
  /** Memory for rows, of each worker; default: a quarter of `memory`. */
  readonly cacheBytes?: number | undefined
}

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
  /** Absent: all state is in memory. */
  readonly state?: DiskState | undefined
  /** Absent: the job takes none, and ends with its first failure. */
  readonly checkpoints?: CheckpointOptions | undefined
  /** Milliseconds without a sign of life from a worker until it counts as hanging; default 30,000. */
  readonly workerTimeoutMs?: number | undefined
}
