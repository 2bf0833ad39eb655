/** Event time. */
import { type CallSite, column, eventTimeNode, MillraceError, type PlanNode, type UserFunction } from '@millrace/plan'
import { durationMs, positiveMs } from '../duration.ts'
import type { Duration } from '../words.ts'
import { checkOptions } from './options.ts'

/** Few enough to keep windows prompt, and one in a full batch is lost in the noise. */
const ROWS_BETWEEN_WATERMARKS = 1024

export interface EventTimeOptions {
  /** How far behind the latest time seen a row may come; default 0. */
  disorder?: Duration
  /** An input from which nothing comes for this long holds nobody back; default: never. */
  idle?: Duration
}

export function eventTime(
  input: PlanNode,
  time: string | UserFunction,
  options: EventTimeOptions,
  site: CallSite | undefined,
): PlanNode {
  checkOptions('eventTime', options, ['disorder', 'idle'])
  if (typeof time !== 'string' && typeof time !== 'function')
    throw new MillraceError('INVALID_ARGUMENT', `invalid event time: ${String(time)}`, {
      hint: 'give a column, or a function of the row that returns milliseconds since 1970 or a Date',
    })
  const { disorder = 0, idle } = options
  const strategy = {
    disorderMs: durationMs('disorder', disorder),
    idleMs: idle === undefined ? undefined : positiveMs('idle', idle),
    everyRows: ROWS_BETWEEN_WATERMARKS,
  }
  return eventTimeNode({ input, time: typeof time === 'string' ? column(input.schema, time) : time, strategy, site })
}
