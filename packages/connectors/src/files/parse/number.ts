/**
 * Numbers from bytes. Spaces around them are passed over. Short decimals are exact products of exact doubles (Clinger,
 * "How to read floating point numbers accurately", 1990, section 4); longer ones go through JavaScript's own parser.
 */

const ZERO = 48
const MINUS = 45
const PLUS = 43
const DOT = 46

/** An integer from -2^31 to 2^31-1; NaN if it is none. */
export function parseInt32(bytes: Uint8Array, from: number, to: number): number {
  let start = from
  let end = to
  while (start < end && isSpace(bytes[start]!)) start++
  while (end > start && isSpace(bytes[end - 1]!)) end--
  const sign = bytes[start]!
  let at = sign === MINUS || (sign === PLUS && end > start) ? start + 1 : start
  while (at < end - 1 && bytes[at] === ZERO) at++
  if (at >= end || end - at > 15) return Number.NaN
  let value = 0
  for (; at < end; at++) {
    const digit = bytes[at]! - ZERO
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  if (sign === MINUS) value = -value
  return value === (value | 0) ? value | 0 : Number.NaN
}

/** Any number; undefined if it is none, or an integer that a double cannot hold, or too large for one. */
export function parseDouble(bytes: Uint8Array, from: number, to: number): number | undefined {
  let start = from
  let end = to
  while (start < end && isSpace(bytes[start]!)) start++
  while (end > start && isSpace(bytes[end - 1]!)) end--
  const negative = bytes[start] === MINUS
  let at = negative ? start + 1 : start
  let digits = 0
  let decimals = 0
  let mantissa = 0
  if (at < end && end - at <= 16) {
    for (; at < end; at++) {
      const byte = bytes[at]!
      const digit = byte - ZERO
      if (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit
        digits++
      } else if (byte === DOT && decimals === 0) decimals = at + 1
      else break
    }
    if (at === end && digits > 0 && digits <= 15) {
      const value = decimals === 0 ? mantissa : mantissa / TENS[end - decimals]!
      return negative ? -value : value
    }
  }
  return slowDouble(latin1(bytes, start, end))
}

const TENS = Array.from({ length: 23 }, (_, i) => 10 ** i)
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const INTEGER = /^[+-]?\d+$/
const NAMED: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '+Infinity': Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
}

function slowDouble(text: string): number | undefined {
  if (Object.hasOwn(NAMED, text)) return NAMED[text]
  if (!NUMBER.test(text)) return undefined
  const value = Number(text)
  if (!Number.isFinite(value)) return undefined
  return INTEGER.test(text) && !isExact(text, value) ? undefined : value
}

/**
 * Whether an integer lost nothing when it was read as a double: it is that double, or the digits are those that JavaScript
 * writes for it (2^60 is written 1152921504606847000, which no double is).
 */
export function isExact(digits: string, value: number): boolean {
  if (Number.isSafeInteger(value)) return true
  const integer = BigInt(digits.replace(/^\+/, ''))
  return integer === BigInt(value) || String(integer) === String(value)
}

/** Why `parseDouble` refused a text, if it looks like a number. */
export function doubleHint(text: string): string {
  const trimmed = text.trim()
  if (!NUMBER.test(trimmed)) return ''
  return INTEGER.test(trimmed) && Number.isFinite(Number(trimmed))
    ? ' (a double cannot hold it exactly)'
    : ' (too large)'
}

/** An integer from -2^63 to 2^63-1; undefined if it is none. */
export function parseBigint(bytes: Uint8Array, from: number, to: number): bigint | undefined {
  const text = latin1(bytes, from, to).trim()
  if (text.length > 40 || !INTEGER.test(text)) return undefined
  const value = BigInt(text.replace(/^\+/, ''))
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 9
}

/** Text of bytes, each a character: for what is ASCII if it is right. */
export function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1')
}
