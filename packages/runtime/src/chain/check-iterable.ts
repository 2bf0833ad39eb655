import { MillraceError } from '@millrace/plan'
import { refusePromise } from '../rows/refuse-promise.ts'

/** The rows that a user's function gave for one row. */
export function checkIterable(operation: string, result: unknown): Iterable<unknown> {
  if (isIterable(result)) return result
  refusePromise(operation, result)
  throw new MillraceError('USER_FUNCTION', `invalid result of ${operation}: ${kindOf(result)}`, {
    hint: 'return an array of rows, or make the function a generator, not an async one',
  })
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>> | null | undefined)?.[Symbol.iterator] === 'function'
}

function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? 'an object that is not iterable' : String(value)
}
