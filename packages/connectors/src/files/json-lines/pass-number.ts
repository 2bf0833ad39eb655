import { ODD } from './scan.ts'

const MINUS = 45
const PLUS = 43
const DOT = 46
const ZERO = 48

/** A number, of which nothing is made. */
export function passNumber(bytes: Uint8Array, from: number): number {
  let at = bytes[from] === MINUS ? from + 1 : from
  const first = at
  at = passDigits(bytes, at)
  if (at === first || (bytes[first] === ZERO && at > first + 1)) return ODD
  if (bytes[at] === DOT) {
    const decimals = at + 1
    at = passDigits(bytes, decimals)
    if (at === decimals) return ODD
  }
  if (bytes[at] === 101 || bytes[at] === 69) {
    const sign = bytes[at + 1]
    const exponent = sign === MINUS || sign === PLUS ? at + 2 : at + 1
    at = passDigits(bytes, exponent)
    if (at === exponent) return ODD
  }
  return at
}

function passDigits(bytes: Uint8Array, from: number): number {
  let at = from
  for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; ) digit = bytes[++at]! - ZERO
  return at
}
