/**
 * How many jobs this program has started. Workers evaluate the program up to its first job and no further, so only the
 * first can have several workers, unless the environment names a module for it.
 */
import { callSite, MillraceError } from '@millrace/plan'

let calls = 0

/** Counts a job. Throws SECOND_TERMINAL if it has to be the first and is not. */
export function refuseSecond(mustBeFirst: boolean): void {
  if (calls++ > 0 && mustBeFirst)
    throw new MillraceError('SECOND_TERMINAL', 'invalid second job: workers evaluate a program up to its first', {
      hint: 'run several sinks as one job with env.run([...]), or give each job a module of its own: environment({ job })',
      site: callSite(),
    })
}
