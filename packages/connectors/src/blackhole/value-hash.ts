/**
 * The hash of any JavaScript value that is data. A date is its time. Null, undefined and an absent property are one, and
 * hash to 0.
 */
import { MillraceError } from '@millrace/plan'
import { hashBigint, hashBoolean, hashNumber, scramble } from './scalar-hash.ts'
import { hashString } from './text-hash.ts'

/** What every row and object begins with, so that one of nulls only counts. */
export const OBJECT_SALT = 0x4cf5ad43
const ARRAY_SALT = 0x38b34ae5
const BYTES_SALT = 0x52dce729
const MAP_SALT = 0x2545f491
const SET_SALT = 0x61c88647
const MAX_DEPTH = 100

/** The odd factor that a column or property of this name is counted with. */
export function nameFactor(name: string): number {
  return scramble(hashString(name)) | 1
}

/** Any value: by its own data if an object, whatever its class. */
export function hashValue(value: unknown, depth = 0): number {
  switch (typeof value) {
    case 'number':
      return hashNumber(value)
    case 'string':
      return hashString(value)
    case 'boolean':
      return hashBoolean(value)
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
