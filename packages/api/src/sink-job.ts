import { explain, MillraceError, type SinkNode } from '@millrace/plan'
import type { JobSummary } from '@millrace/runtime'
import type { Job, RunOptions } from './job.ts'
import { planned } from './planned.ts'
import { type Scope, sameScope, start } from './scope.ts'
import { checkOptions } from './steps/options.ts'

/** One sink as a job. */
export class SinkJob implements Job {
  readonly scope: Scope
  readonly node: SinkNode

  constructor(scope: Scope, node: SinkNode) {
    this.scope = scope
    this.node = node
  }
  run(options: RunOptions = {}): Promise<JobSummary> {
    return runJobs(this.scope, [this], options)
  }
  explain(): string {
    return explain([this.node])
  }
}

/** Several sinks as one job: what they share is read and computed once. */
export async function runJobs(scope: Scope, jobs: readonly Job[], options: RunOptions): Promise<JobSummary> {
  const sinks = planned('run', () => {
    checkOptions('run', options, ['signal', 'onEvent'])
    if (!Array.isArray(jobs) || jobs.length === 0)
      throw new MillraceError('INVALID_ARGUMENT', 'missing jobs', { hint: 'give what to(sink) returned, in an array' })
    return jobs.map(job => sinkOf(scope, job))
  })
  return start(scope, sinks, options).finished
}

function sinkOf(scope: Scope, job: Job): SinkNode {
  if (!(job instanceof SinkJob))
    throw new MillraceError('INVALID_ARGUMENT', `invalid job: ${String(job)}`, { hint: 'give what to(sink) returned' })
  sameScope(scope, job.scope)
  return job.node
}
