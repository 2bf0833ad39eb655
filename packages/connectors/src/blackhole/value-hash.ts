/**
 * The hash of a value, the same in whatever it is represented: 5 in an int32 column, in a double column and in an
 * opaque one are one value, and so is a text in a dictionary and in plain UTF-8. -0 is 0, there is one NaN, a date is
 * its time. 1, '1', 1n and true differ. Null, undefined and an absent property are one, and hash to 0.
 */
import { MillraceError } from '@millrace/plan'
import { hashString } from './text-hash.ts'

/** Keeps small integers, above all 0, away from the hash of null. */
export const NUMBER_SALT = 0x5bd1e995
export const NAN_HASH = 0x7ff80000
export const TRUE_HASH = 0x165667b1
export const FALSE_HASH = 0x27d4eb2f
/** What every row and object begins with, so that one of nulls only counts. */
export const OBJECT_SALT = 0x4cf5ad43
const ARRAY_SALT = 0x38b34ae5
const BIGINT_SALT = 0x1b873593
const BYTES_SALT = 0x52dce729
const MAP_SALT = 0x2545f491
const SET_SALT = 0x61c88647
const MAX_DEPTH = 100

/** A number that is no int32, by the two words of the double. */
export function hashDouble(low: number, high: number): number {
  let hash = (Math.imul(low, 0x2c1b3c6d) + high) | 0
  hash = Math.imul(hash ^ (hash >>> 15), 0x21f0aaad)
  return hash ^ (hash >>> 13)
}

export function hashBigint(low: number, high: number): number {
  return scramble((hashDouble(low, high) + BIGINT_SALT) | 0)
}

function scramble(hash: number): number {
  hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad)
  return hash ^ (hash >>> 15)
}

/** The odd factor that a column or property of this name is counted with. */
export function nameFactor(name: string): number {
  return scramble(hashString(name)) | 1
}

const double = new Float64Array(1)
const words = new Int32Array(double.buffer)

export function hashNumber(value: number): number {
  const integer = value | 0
  if (integer === value) return (integer + NUMBER_SALT) | 0
  if (Number.isNaN(value)) return NAN_HASH
  double[0] = value
  return hashDouble(words[0], words[1])
}

/** Any value: by its own data if an object, whatever its class. */
export function hashValue(value: unknown, depth = 0): number {
  switch (typeof value) {
    case 'number':
      return hashNumber(value)
    case 'string':
      return hashString(value)
    case 'boolean':
      return value ? TRUE_HASH : FALSE_HASH
    case 'bigint':
      return hashBigint(Number(BigInt.asIntN(32, value)), hashHigh(value >> 32n))
    case 'undefined':
      return 0
    case 'object':
      if (value === null) return 0
      return value instanceof Date ? hashNumber(value.getTime()) : scramble(hashObject(value, depth))
    default:
      throw new MillraceError('INVALID_VALUE', `invalid value: a ${typeof value}`, {
        hint: 'rows are data: numbers, text, booleans, dates, arrays, maps, sets and objects of those',
      })
  }
}

/** The upper word of a bigint, and all that is above it. */
function hashHigh(high: bigint): number {
  const word = Number(BigInt.asIntN(32, high))
  return BigInt(word) === high ? word : hashString(high.toString())
}

/** An object before its last mixing, as rows with columns are summed up: properties in any order. */
export function hashObject(value: object, depth = 0): number {
  if (depth > MAX_DEPTH)
    throw new MillraceError('INVALID_VALUE', `invalid value: nested more than ${MAX_DEPTH} deep`, {
      hint: 'an object that contains itself is not data',
    })
  if (Array.isArray(value)) return hashSequence(value, ARRAY_SALT, depth)
  if (ArrayBuffer.isView(value)) {
    const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    return hashSequence(bytes, BYTES_SALT, depth)
  }
  let hash = OBJECT_SALT
  if (value instanceof Map) {
    hash = MAP_SALT
    for (const [key, held] of value)
      hash += Math.imul(hashValue(held, depth + 1), scramble(hashValue(key, depth + 1)) | 1)
  } else if (value instanceof Set) {
    hash = SET_SALT
    for (const held of value) hash += scramble(hashValue(held, depth + 1))
  } else {
    for (const [name, held] of Object.entries(value)) hash += Math.imul(hashValue(held, depth + 1), nameFactor(name))
  }
  return hash | 0
}

function hashSequence(values: Iterable<unknown>, salt: number, depth: number): number {
  let hash = salt
  for (const value of values) hash = (Math.imul(hash, 0x2c1b3c6d) + hashValue(value, depth + 1)) | 0
  return hash
}
