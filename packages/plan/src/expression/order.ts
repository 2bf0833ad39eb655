/**
 * The order of values: numbers by size with one NaN above all and -0 equal to 0, text by code point, false before
 * true. The same in comparisons, sorts, minima and maxima; never the locale's.
 */
import { MillraceError } from '../error.ts'

/** Negative, zero or positive. Neither value is null. Throws INVALID_VALUE where the two have no order. */
export function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  throw new MillraceError('INVALID_VALUE', `invalid comparison: ${shown(a)} with ${shown(b)}`, {
    hint: 'only values of one type compare: numbers, bigints, text or booleans',
  })
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** UTF-16 order is code point order but for surrogates, which stand for code points above U+E000 to U+FFFF. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    if (a.charCodeAt(i) === b.charCodeAt(i)) continue
    // The units differ here; the code points may already differ at the half of a pair before.
    const at = i > 0 && a.codePointAt(i - 1) !== b.codePointAt(i - 1) ? i - 1 : i
    return a.codePointAt(at)! - b.codePointAt(at)!
  }
  return a.length - b.length
}

/** A value as an error message shows it. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)
  if (typeof value === 'bigint') return `${value}n`
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object' && value !== null)
    return value.constructor === Object ? 'an object' : `a ${value.constructor?.name ?? 'null-prototype object'}`
  return typeof value === 'function' ? 'a function' : String(value)
}
