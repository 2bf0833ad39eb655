/**
 * Values of JSON numbers from bytes. Where the number ends is left in `behind.at`; see `scan.ts` for the rest.
 * Decimals of at most 15 digits are the quotient of two exact doubles, which IEEE 754 rounds correctly (Clinger, "How to read
 * floating point numbers accurately", 1990, section 4); longer ones go through JavaScript's own parser.
 */
import { latin1 } from '../parse/number.ts'
import { passNumber } from './pass-number.ts'
import { ODD } from './scan.ts'

/** The position behind the number read last; `ODD` if it was not read. */
export const behind = { at: 0 }

const MINUS = 45
const DOT = 46
const ZERO = 48
const EXACT_DIGITS = 15
const TENS = Array.from({ length: EXACT_DIGITS + 1 }, (_, i) => 10 ** i)

/** An integer of at most nine digits; longer ones are odd, unless they fit an int32. */
export function scanInt32(bytes: Uint8Array, from: number): number {
  const negative = bytes[from] === MINUS
  const first = negative ? from + 1 : from
  let at = first
  let value = 0
  for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO)
    value = (value * 10 + digit) | 0
  const digits = at - first
  behind.at = digits === 0 || (digits > 1 && bytes[first] === ZERO) ? ODD : at
  if (digits <= 9) return negative ? -value | 0 : value
  const exact = digits === 10 ? Number(latin1(bytes, from, at)) : Number.NaN
  if ((exact | 0) !== exact) behind.at = ODD
  return exact | 0
}

/** A number; odd if it is written with 16 digits before the point or more, or with a large exponent. */
export function scanDouble(bytes: Uint8Array, from: number): number {
  const negative = bytes[from] === MINUS
  const first = negative ? from + 1 : from
  let at = first
  let mantissa = 0
  let digit = bytes[at]! - ZERO
  for (; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) mantissa = mantissa * 10 + digit
  const whole = at - first
  if (whole === 0 || whole > EXACT_DIGITS || (whole > 1 && bytes[first] === ZERO)) return odd()
  let decimals = 0
  if (bytes[at] === DOT) {
    const point = at++
    for (digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO)
      mantissa = mantissa * 10 + digit
    decimals = at - point - 1
    if (decimals === 0) return odd()
  }
  const byte = bytes[at]
  if (byte === 101 || byte === 69 || whole + decimals > EXACT_DIGITS) return longDouble(bytes, from)
  behind.at = at
  const value = decimals === 0 ? mantissa : mantissa / TENS[decimals]!
  return negative ? -value : value
}

function longDouble(bytes: Uint8Array, from: number): number {
  const end = passNumber(bytes, from)
  if (end === ODD) return odd()
  const value = Number(latin1(bytes, from, end))
  if (!Number.isFinite(value)) return odd()
  behind.at = end
  return value
}

function odd(): number {
  behind.at = ODD
  return 0
}
