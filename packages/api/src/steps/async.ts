/** Functions that answer later. */
import {
  type CallSite,
  durationMs,
  MillraceError,
  mapAsyncNode,
  type PlanNode,
  positiveMs,
  type UserFunction,
} from '@millrace/plan'
import type { AsyncOptions, AsyncRetry } from '../async.ts'
import { checkFunction, checkOptions } from './options.ts'

/** Throws INVALID_OPTION or INVALID_ARGUMENT for options that cannot be, WRONG_KIND for an updating input. */
export function mapAsync(
  input: PlanNode,
  fn: UserFunction,
  options: AsyncOptions,
  site: CallSite | undefined,
): PlanNode {
  checkFunction('mapAsync', fn)
  checkOptions('mapAsync', options, ['capacity', 'ordered', 'timeout', 'retry'])
  const { capacity = 100, ordered = true, timeout = '1m', retry = { attempts: 1 } } = options
  if (typeof ordered !== 'boolean')
    throw new MillraceError('INVALID_ARGUMENT', `invalid ordered of mapAsync: ${String(ordered)}`, {
      hint: 'results come in the order of their rows (true), or as they are there (false)',
    })
  return mapAsyncNode({
    input,
    fn,
    capacity: whole('capacity', capacity),
    ordered,
    timeoutMs: positiveMs('timeout', timeout),
    retry: checkedRetry(retry),
    site,
  })
}

function checkedRetry(retry: AsyncRetry) {
  checkOptions('retry', retry, ['attempts', 'backoff', 'factor', 'maxBackoff', 'when'])
  const { attempts, backoff = '100ms', factor = 2, maxBackoff = '30s', when } = retry
  if (!(factor >= 1 && factor < Number.POSITIVE_INFINITY))
    throw new MillraceError('INVALID_ARGUMENT', `invalid factor of retry: ${String(factor)}`, {
      hint: 'every pause is so many times as long as the one before: 1 or more',
    })
  if (when !== undefined) checkFunction('retry.when', when)
  return {
    attempts: whole('attempts', attempts),
    backoffMs: durationMs('backoff', backoff),
    factor,
    maxBackoffMs: durationMs('maxBackoff', maxBackoff),
    when,
  }
}

function whole(what: string, given: number): number {
  if (Number.isSafeInteger(given) && given >= 1) return given
  throw new MillraceError('INVALID_ARGUMENT', `invalid ${what} of mapAsync: ${String(given)}`, {
    hint: `${what} is a whole number from 1`,
  })
}
