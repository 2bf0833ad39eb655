import { MillraceError } from '@millrace/plan'

/**
 * Refuses a promise where a user's function of rows should have given its result: it would travel as the row, or count
 * as true. Cheap enough for every row.
 */
export function refusePromise(operation: string, result: unknown): void {
  if (result instanceof Promise) throw promised(operation)
}

function promised(operation: string): MillraceError {
  return new MillraceError('USER_FUNCTION', `invalid result of ${operation}: a promise`, {
    hint: `the function of ${operation} is synchronous: await what it needs before the job runs, or in the source`,
  })
}
