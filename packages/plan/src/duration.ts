/** Durations: `'90s'`, `'1.5h'`, `'1d12h'`, or a number of milliseconds. */
import { MillraceError } from './error.ts'

/** Milliseconds, or a number with a unit: `'10s'`, `'1.5h'`. Weeks have seven days, days 24 hours. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const

const hint = 'give milliseconds, or a number with one of the units ms, s, m, h, d, w: 500, "10s", "1.5h"'

/**
 * A duration from text that may have several parts and need not be a literal, such as a setting: in milliseconds.
 * Throws INVALID_ARGUMENT if the text is no duration.
 *
 * @example
 * duration('1d12h') // 129600000
 */
export function duration(text: string): number {
  return parse('duration', text, /^(\d+(\.\d+)?(ms|[smhdw]))+$/)
}

/** A duration of the public API in milliseconds: whole, finite, not negative. `what` is what errors call it. */
export function durationMs(what: string, given: Duration): number {
  if (typeof given === 'number') return wholeMs(what, given, given)
  return parse(what, given, /^\d+(\.\d+)?(ms|[smhdw])$/)
}

/** As `durationMs`, and perhaps negative: `'-3h'`. */
export function signedMs(what: string, given: Duration): number {
  if (typeof given === 'number' && given < 0) return -wholeMs(what, given, -given)
  if (typeof given !== 'string' || !given.startsWith('-')) return durationMs(what, given)
  return -parse(what, given, /^-\d+(\.\d+)?(ms|[smhdw])$/)
}

/** As `durationMs`, and more than nothing. */
export function positiveMs(what: string, given: Duration): number {
  const ms = durationMs(what, given)
  if (ms === 0) throw invalid(what, given)
  return ms
}

function parse(what: string, text: string, grammar: RegExp): number {
  if (typeof text !== 'string' || !grammar.test(text)) throw invalid(what, text)
  let ms = 0
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ms|[smhdw])/g))
    ms += Number(amount) * unitMs[unit as keyof typeof unitMs]
  return wholeMs(what, text, ms)
}

function wholeMs(what: string, given: unknown, ms: number): number {
  const whole = Math.round(ms)
  // 0.1s * 3 is 300.00000000000006 ms: rounding repairs what the decimal fraction lost, not what was never whole.
  if (!Number.isSafeInteger(whole) || whole < 0 || Math.abs(ms - whole) > 1e-6) throw invalid(what, given)
  return whole
}

function invalid(what: string, given: unknown): MillraceError {
  const shown = typeof given === 'string' ? JSON.stringify(given) : String(given)
  return new MillraceError('INVALID_ARGUMENT', `invalid ${what}: ${shown}`, { hint })
}
