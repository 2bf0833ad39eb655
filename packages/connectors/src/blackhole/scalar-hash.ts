/**
 * The hash of a number, a bigint or a boolean, the same in whatever it is represented: 5 in an int32 column, in a double
 * column and in an opaque one are one value. -0 is 0, and there is one NaN; 1, 1n and true differ. Null hashes to 0.
 */

/** Keeps small integers, above all 0, away from the hash of null. */
export const NUMBER_SALT = 0x5bd1e995
const NAN_HASH = 0x7ff80000
const BIGINT_SALT = 0x1b873593

/** Every bit into all others but the lowest. */
export function scramble(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  return hash ^ (hash >>> 15)
}

export function hashBoolean(value: boolean): number {
  return value ? 0x165667b1 : 0x27d4eb2f
}

const double = new Float64Array(1)
const words = new Int32Array(double.buffer)

/** An int32 as itself, any other number by the two words of its double. */
export function hashNumber(value: number): number {
  const integer = value | 0
  if (integer === value) return (integer + NUMBER_SALT) | 0
  if (Number.isNaN(value)) return NAN_HASH
  double[0] = value
  return hashWords(words[0], words[1])
}

/** A bigint by its two words; what is above them, if anything, in the place of the upper one. */
export function hashBigint(low: number, high: number): number {
  return scramble((hashWords(low, high) + BIGINT_SALT) | 0)
}

function hashWords(low: number, high: number): number {
  let hash = (Math.imul(low, 0x2c1b3c6d) + high) | 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x21f0aaad)
  return hash ^ (hash >>> 13)
}
