import { ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'

/** What a call of a user's function threw, as the error the user reads; the cause keeps the user's stack. */
export function userFailure(error: unknown): MillraceError {
  if (error instanceof MillraceError) return error
  if (error instanceof ValueError) return new MillraceError('INVALID_VALUE', error.message, { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new MillraceError('USER_FUNCTION', message, { cause: error })
}
