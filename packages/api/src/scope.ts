/** What the collections of one environment share. */
import { MillraceError, type SinkNode } from '@millrace/plan'
import { execute, type Host, type JobHandle } from '@millrace/runtime'
import type { RunOptions } from './job.ts'

export interface Scope {
  readonly host: Host | undefined
  readonly batchRows: number | undefined
  /** Whether functions are given frozen rows; undefined: as the command line says. */
  readonly check: boolean | undefined
}

/** Throws INVALID_ARGUMENT for a collection of another environment. */
export function sameScope(scope: Scope, other: Scope): void {
  if (scope !== other)
    throw new MillraceError('INVALID_ARGUMENT', 'invalid collection: it is from another environment', {
      hint: 'a job belongs to one environment: make all its collections with the same env',
    })
}

/** Runs the plan above these sinks. */
export function start(
  { host, batchRows, check }: Scope,
  sinks: readonly SinkNode[],
  options: RunOptions = {},
): JobHandle {
  return execute(sinks, {
    ...(host === undefined ? {} : { host }),
    ...(batchRows === undefined ? {} : { batchRows }),
    ...(check === undefined ? {} : { check }),
    ...options,
  })
}
