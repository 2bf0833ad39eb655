/** Windows over event time. */
import { positiveMs, signedMs, type WindowSpec } from '@millrace/plan'
import { planned } from './planned.ts'
import { checkOptions } from './steps/options.ts'
import type { Duration } from './words.ts'

/** How rows are put into windows; made by `tumbling` and `sliding`. */
export interface Window {
  readonly spec: WindowSpec
}

/** What windows add to a result: [windowStart, windowEnd) in milliseconds since 1970. */
export interface WindowColumns {
  windowStart: number
  windowEnd: number
}

export interface WindowOptions {
  /** Windows begin this much later, or if negative earlier, than at the multiples of their slide; default 0. */
  readonly offset?: Duration
}

/**
 * Windows of one size, side by side, beginning at the multiples of the size since 1970 (UTC).
 *
 * @example
 * flights.eventTime('date').keyBy('origin').window(tumbling('1d')).aggregate({ departures: count() })
 */
export function tumbling(
  size: number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`,
  options: WindowOptions = {},
): Window {
  return windowOf('tumbling', size, size, options)
}

/**
 * Windows of one size that begin every `slide`: each row is in size/slide of them. Their cost does not grow with that
 * ratio for aggregates, which share slices.
 *
 * @example
 * flights.eventTime('date').keyBy('origin').window(sliding('7d', '1d')).aggregate({ week: count() })
 */
export function sliding(
  size: number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`,
  slide: number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`,
  options: WindowOptions = {},
): Window {
  return windowOf('sliding', size, slide, options)
}

function windowOf(kind: WindowSpec['kind'], size: Duration, slide: Duration, options: WindowOptions): Window {
  return planned(kind, () => {
    checkOptions(kind, options, ['offset'])
    const sizeMs = positiveMs('window size', size)
    const slideMs = positiveMs('window slide', slide)
    const given = signedMs('window offset', options.offset ?? 0) % slideMs
    const offsetMs = given < 0 ? given + slideMs : given + 0
    return Object.freeze({ spec: Object.freeze({ kind, sizeMs, slideMs, offsetMs }) })
  })
}
