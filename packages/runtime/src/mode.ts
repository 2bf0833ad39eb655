/**
 * The mode: what whoever started this program asks of the jobs in it.
 *
 * The command line sets it before it evaluates a program: to explain plans instead of running them, to stop jobs at
 * a signal, to show their progress. A program started without the command line has none. It hangs on a global
 * symbol, so that two copies of the engine in one process still agree.
 */
import type { PlanNode, SinkNode } from '@millrace/plan'
import type { JobEvent } from './events.ts'
import type { CheckpointOptions, ExecuteOptions } from './execute-options.ts'
import type { JobModule } from './job-module/evaluate.ts'

/** What may be said of checkpoints from outside. */
export type CheckpointWishes = Partial<
  Pick<CheckpointOptions, 'dir' | 'everyMs' | 'from' | 'allowOlder' | 'allowDropped'>
>

export interface Mode {
  /** Takes a job's plan, by its sinks, in place of running it. The job then never settles: nothing after it runs. */
  readonly explain?: (roots: readonly PlanNode[]) => void
  /** In a worker's thread: takes the first job's plan and runs this worker's share of it. The job never settles here. */
  readonly share?: (sinks: readonly SinkNode[], options: ExecuteOptions) => void
  /** The program, bundled, for workers to evaluate. */
  readonly job?: JobModule
  /**
   * Aborted by the first Ctrl-C or SIGTERM: sources end where they are, what they gave is worked off, written and
   * committed; then the job rejects with the signal's reason, since what it has is not the whole.
   */
  readonly stop?: AbortSignal
  /** Aborted when the program has failed: the job gives up, removes what is not committed, and rejects. */
  readonly cancel?: AbortSignal
  /** Functions are given frozen rows, unless an environment says otherwise. */
  readonly check?: boolean
  /** Takes the place of what environments say. */
  readonly parallelism?: number
  /** Takes the place of what environments say of checkpoints, or is all that is said of them. */
  readonly checkpoints?: CheckpointWishes
  /** Is told what each job tells about itself. Must not throw. */
  readonly onEvent?: (event: JobEvent) => void
  /** How many jobs run now. Whoever runs a job adds one, and takes it away again when the job's clean-up is done. */
  running: number
}

const key = Symbol.for('millrace.mode')

interface Holder {
  [key]?: Mode | undefined
}

export function currentMode(): Mode | undefined {
  return (globalThis as Holder)[key]
}

export function setMode(mode: Mode | undefined): void {
  ;(globalThis as Holder)[key] = mode
}
