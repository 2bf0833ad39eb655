/** Event time. */
import {
  type CallSite,
  column,
  durationMs,
  eventTimeNode,
  MillraceError,
  type PlanNode,
  positiveMs,
  type UserFunction,
} from '@millrace/plan'
import type { Duration } from '../words.ts'
import { checkOptions } from './options.ts'

/** Few enough to keep windows prompt, and one in a full batch is lost in the noise. */
const ROWS_BETWEEN_WATERMARKS = 1024

export interface EventTimeOptions {
  /** How far behind the latest time seen a row may come; default 0. */
  disorder?: Duration
  /** An input from which nothing comes for this long holds nobody back; default: never. */
  idle?: Duration
  /**
   * How far this stream's time may be ahead of that of other streams with `align` in the same job: then its sources
   * wait, so that what is joined or merged does not pile up. One from which nothing comes is waited for, unless it has
   * `idle`. Default: it is not held back.
   */
  align?: Duration
}

export function eventTime(
  input: PlanNode,
  time: string | UserFunction,
  options: EventTimeOptions,
  site: CallSite | undefined,
): PlanNode {
  checkOptions('eventTime', options, ['disorder', 'idle', 'align'])
  if (typeof time !== 'string' && typeof time !== 'function')
    throw new MillraceError('INVALID_ARGUMENT', `invalid event time: ${String(time)}`, {
      hint: 'give a column, or a function of the row that returns milliseconds since 1970 or a Date',
    })
  const { disorder = 0, idle, align } = options
  const strategy = {
    disorderMs: durationMs('disorder', disorder),
    idleMs: idle === undefined ? undefined : positiveMs('idle', idle),
    ...(align === undefined ? {} : { alignMs: positiveMs('align', align) }),
    everyRows: ROWS_BETWEEN_WATERMARKS,
  }
  return eventTimeNode({ input, time: typeof time === 'string' ? column(input.schema, time) : time, strategy, site })
}
