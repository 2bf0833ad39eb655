import type { JobEvent, JobSummary } from '../events.ts'
import type { CheckpointingOptions } from './checkpointing.ts'

/** A job that can be told to end. */
export interface Running {
  readonly finished: Promise<JobSummary>
  /** Gives it up: it rejects with the reason. */
  cancel(reason: unknown): void
  /** Ends its sources where they are; what they have given is worked off and committed. */
  stop(): void
}

/** One try at a job: the only one, unless it takes checkpoints. */
export interface Attempt {
  /** Undefined: a new one. */
  readonly jobId: string | undefined
  readonly checkpointing?: CheckpointingOptions | undefined
  /** It has failed, and ends with this error as soon as it has cleaned up. */
  failing?(error: unknown): void
  report(event: JobEvent): void
}

/** Who makes attempts at a job. */
export interface Runner {
  start(attempt: Attempt): Running
  /** Another attempt is about to follow: what takes time for it is begun. */
  prepare?(): void
  /** None follows. */
  close?(): Promise<void>
}

/** What is still being loaded can already be told to end. */
export function later(load: () => Promise<Running>): Running {
  const waiting: ((running: Running) => void)[] = []
  let act = (step: (running: Running) => void): void => void waiting.push(step)
  const finished = load().then(running => {
    act = step => step(running)
    for (const step of waiting) step(running)
    return running.finished
  })
  return { finished, cancel: reason => act(r => r.cancel(reason)), stop: () => act(r => r.stop()) }
}
