/** What the collections of one environment share. */
import { MillraceError, type SinkNode } from '@millrace/plan'
import { type ExecuteOptions, execute, type JobHandle } from '@millrace/runtime'
import type { RunOptions } from './job.ts'

export type Scope = Pick<
  ExecuteOptions,
  'parallelism' | 'job' | 'memory' | 'workerTimeoutMs' | 'batchRows' | 'checkpoints' | 'state' | 'host' | 'check'
>

/** Throws INVALID_ARGUMENT for a collection of another environment. */
export function sameScope(scope: Scope, other: Scope): void {
  if (scope !== other)
    throw new MillraceError('INVALID_ARGUMENT', 'invalid collection: it is from another environment', {
      hint: 'a job belongs to one environment: make all its collections with the same env',
    })
}

/** Runs the plan above these sinks. */
export function start(scope: Scope, sinks: readonly SinkNode[], options: RunOptions = {}): JobHandle {
  return execute(sinks, { ...scope, ...options })
}
