import { MillraceError } from '@millrace/plan'
import { refusePromise } from '../rows/refuse-promise.ts'

/** The result of a user's fold: something, since nothing could not be told from a key never seen. */
export function foldedValue(operation: string, value: unknown): unknown {
  refusePromise(operation, value)
  if (value !== undefined) return value
  throw new MillraceError('USER_FUNCTION', `missing result: the function of ${operation} returned undefined`, {
    hint: 'return the folded value; null may stand for nothing',
  })
}
