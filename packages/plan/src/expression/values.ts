/**
 * What the operations do to values that are present: arithmetic, rounding and text.
 *
 * Types were checked when the expression was built, but for operands of type `any`, which are checked here: a value
 * of another family is an INVALID_VALUE, never converted. Numbers are doubles throughout and follow IEEE 754
 * (1 / 0 is Infinity, 5 % 0 is NaN); bigints are checked against 64 bits and never wrap.
 */
import { MillraceError } from '../error.ts'
import { shown } from './order.ts'

type Numeric = number | bigint

/** An operation on two numbers or two bigints. */
export function onNumerics(
  symbol: string,
  numbers: (a: number, b: number) => number,
  bigints: (a: bigint, b: bigint) => bigint,
): (a: unknown, b: unknown) => Numeric {
  return (a, b) => {
    if (typeof a === 'number' && typeof b === 'number') return numbers(a, b)
    if (typeof a === 'bigint' && typeof b === 'bigint') return int64(bigints(a, b))
    throw invalidOperands(symbol, a, b)
  }
}

/** An operation on one number or one bigint. */
export function onNumeric(
  symbol: string,
  number: (a: number) => number,
  bigint: (a: bigint) => bigint,
): (a: unknown) => Numeric {
  return a => {
    if (typeof a === 'number') return number(a)
    if (typeof a === 'bigint') return int64(bigint(a))
    throw invalidOperands(symbol, a)
  }
}

export function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value
  throw new MillraceError('INVALID_VALUE', `invalid bigint: ${value}`, { hint: 'it does not fit 64 bits' })
}

export function divideBigints(a: bigint, b: bigint): bigint {
  return a / divisor(b)
}

export function moduloBigints(a: bigint, b: bigint): bigint {
  return a % divisor(b)
}

function divisor(value: bigint): bigint {
  if (value !== 0n) return value
  throw new MillraceError('INVALID_VALUE', 'invalid divisor: 0n', { hint: 'bigints have no infinity to give' })
}

/**
 * To the nearest multiple of 10^-digits, halves away from zero as in SQL, computed in doubles; a number too large to
 * be scaled is itself.
 */
export function round(value: number, digits: number): number {
  const places = Math.trunc(digits)
  const scale = 10 ** Math.abs(places)
  const scaled = places < 0 ? value / scale : value * scale
  if (!Number.isFinite(scaled)) return value
  const below = Math.floor(Math.abs(scaled))
  const nearest = Math.abs(scaled) - below >= 0.5 ? below + 1 : below
  const signed = Math.sign(scaled) * nearest
  return places < 0 ? signed * scale : signed / scale
}

export function text(symbol: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw invalidOperands(symbol, value)
}

/** In code points, so that the length does not depend on how text is stored. */
export function textLength(value: string): number {
  let points = 0
  for (let i = 0; i < value.length; i += value.codePointAt(i)! > 0xffff ? 2 : 1) points++
  return points
}

export function boolean(symbol: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value
  throw invalidOperands(symbol, value)
}

function invalidOperands(symbol: string, ...values: readonly unknown[]): MillraceError {
  return new MillraceError('INVALID_VALUE', `invalid operand of ${symbol}: ${values.map(shown).join(' and ')}`)
}
