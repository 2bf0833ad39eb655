import { BATCH_ROWS, KEY_GROUPS } from '@millrace/algebra'
import { MillraceError, positiveMs } from '@millrace/plan'
import type { Host } from '@millrace/runtime'
import { type Checkpoints, checkpointOptions } from './checkpoint-options.ts'
import type { Scope } from './scope.ts'
import { type StateStorage, stateStorage } from './state-storage.ts'
import { checkOptions } from './steps/options.ts'
import type { Duration } from './words.ts'

export interface EnvironmentOptions {
  /**
   * How many workers, 1 to 128; default 1, in the program's own thread. More run in threads that evaluate the program
   * themselves, up to its first job: docs/jobs.md.
   */
  readonly parallelism?: number
  /** With several workers: the module they evaluate, where the program is not itself the job; it must come to the same job. */
  readonly job?: URL | string
  /**
   * Bytes for channels between workers and for what waits in them, and for rows that a join has to keep until its right
   * side has ended; default 512 MiB. How much each takes is in the metrics.
   */
  readonly memory?: number
  /** Without a sign of life for so long a worker counts as hanging, and the job fails; default 30 s. */
  readonly workerTimeout?: Duration
  /** Rows asked of a source at a time, 1 to 1024; default 1024. Fewer give the first results sooner. */
  readonly batchRows?: number
  /** Where and when jobs take checkpoints, so that they survive what happens to them; default: they take none. */
  readonly checkpoints?: Checkpoints
  /** Where jobs keep their state: in memory, or, if it is larger, on disk; default: in memory. See docs/state.md. */
  readonly state?: StateStorage
  /** Clock, timers and chance of the jobs; default the machine's. For tests. */
  readonly host?: Host
  /**
   * Freezes the rows that functions are given, plain objects and lists in them included, so that one that changes a row
   * fails where it does; slower, for tests. Rows that come from memory are frozen themselves. Default: only under
   * `millrace run --check`.
   */
  readonly check?: boolean
}

const names = [
  'parallelism',
  'job',
  'memory',
  'workerTimeout',
  'batchRows',
  'checkpoints',
  'state',
  'host',
  'check',
] as const

/** What the options ask for. Throws INVALID_OPTION for what is not understood. */
export function scopeOf(options: EnvironmentOptions): Scope {
  checkOptions('environment', options, names)
  const { parallelism, job, memory, workerTimeout, batchRows, host, check } = options
  checkCount('parallelism', parallelism, KEY_GROUPS)
  checkCount('memory', memory, Number.MAX_SAFE_INTEGER)
  checkCount('batchRows', batchRows, BATCH_ROWS)
  if (job !== undefined && typeof job !== 'string' && !(job instanceof URL))
    throw new MillraceError('INVALID_OPTION', `invalid job: ${String(job)}`, {
      hint: "give the module's URL: new URL('./job.ts', import.meta.url)",
    })
  if (host !== undefined && (parallelism ?? 1) > 1)
    throw new MillraceError('INVALID_OPTION', 'invalid host: workers have their own', {
      hint: 'leave out host or parallelism',
    })
  const workerTimeoutMs = workerTimeout === undefined ? undefined : positiveMs('workerTimeout', workerTimeout)
  const checkpoints = options.checkpoints === undefined ? undefined : checkpointOptions(options.checkpoints)
  const state = options.state === undefined ? undefined : stateStorage(options.state)
  return { parallelism, job, memory, workerTimeoutMs, batchRows, checkpoints, state, host, check }
}

function checkCount(name: string, given: number | undefined, most: number): void {
  if (given === undefined || (Number.isInteger(given) && given >= 1 && given <= most)) return
  throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${String(given)}`, {
    hint: `give a whole number from 1 to ${most}`,
  })
}
