/** Windows in time: the columns they give, and what they may be. */
import { type Field, field } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import type { WindowSpec } from '../node.ts'
import type { Place } from './place.ts'

/** Milliseconds since 1970; the end is the first instant that is not in the window. */
export const windowFields: readonly Field[] = Object.freeze([
  field('windowStart', 'timestamp'),
  field('windowEnd', 'timestamp'),
])

/** Throws INVALID_OPTION for a window that cannot be. */
export function frozenWindow(window: WindowSpec, { site }: Place): WindowSpec {
  const { kind, sizeMs, slideMs, offsetMs } = window
  const invalid = (what: string, value: number, hint: string) =>
    new MillraceError('INVALID_OPTION', `invalid ${what}: ${value}`, { site, hint })
  const whole = 'give a whole number of milliseconds, or a duration such as "10s"'
  if (!(Number.isSafeInteger(sizeMs) && sizeMs > 0)) throw invalid('window size', sizeMs, whole)
  if (!(Number.isSafeInteger(slideMs) && slideMs > 0)) throw invalid('window slide', slideMs, whole)
  if (!Number.isSafeInteger(offsetMs)) throw invalid('window offset', offsetMs, whole)
  if (kind === 'tumbling' && slideMs !== sizeMs)
    throw invalid('window slide', slideMs, `tumbling windows slide by their size, ${sizeMs}`)
  return Object.freeze({ ...window })
}
