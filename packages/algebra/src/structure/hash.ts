/** The hash that goes with `structurallyEqual`. It lives in memory only: no format depends on it. */
import { BOOLEAN_HASHES, hashNumber, hashString, hashWordPair, NULL_HASH } from '../keys/hash-value.ts'
import { finish, mixWord } from '../keys/murmur.ts'
import { kind, kindOf, MAX_DEPTH, typedArrayIndex } from './kind.ts'
import { NotPlainData } from './plain-data-error.ts'

/** @throws NotPlainData for what is not plain data, is cyclic or nested too deep */
export function structuralHash(value: unknown, depth = 0): number {
  const is = kindOf(value)
  if (is === kind.none || depth > MAX_DEPTH) throw new NotPlainData()
  switch (is) {
    case kind.null:
      return NULL_HASH
    case kind.boolean:
      return BOOLEAN_HASHES[value === true ? 1 : 0]
    case kind.number:
      return hashNumber(value as number)
    case kind.bigint:
      return hashWordPair(is, Number(BigInt.asIntN(32, value as bigint)), Number(BigInt.asIntN(53, value as bigint)))
    case kind.string:
      return hashString(value as string)
    case kind.date:
      return mixWord(is, hashNumber(Number(value)))
    case kind.array:
      return (value as unknown[]).reduce<number>((hash, item) => mixWord(hash, structuralHash(item, depth + 1)), is)
    case kind.object:
      return hashObject(value as Record<string, unknown>, depth)
    case kind.map:
      return hashEntries(value as Map<unknown, unknown>, depth)
    case kind.set:
      return hashItems(value as Set<unknown>, depth)
    case kind.typedArray:
      return hashTypedArray(value as Uint8Array)
    case kind.arrayBuffer:
      return hashTypedArray(new Uint8Array(value as ArrayBuffer)) ^ is
    default:
      return is
  }
}

// Sums, where order does not count.

function hashObject(object: Record<string, unknown>, depth: number): number {
  let hash: number = kind.object
  for (const key of Object.keys(object)) hash += pair(hashString(key), structuralHash(object[key], depth + 1))
  return hash | 0
}

function hashEntries(map: Map<unknown, unknown>, depth: number): number {
  let hash: number = kind.map
  for (const [key, value] of map) hash += pair(structuralHash(key, depth + 1), structuralHash(value, depth + 1))
  return hash | 0
}

function hashItems(set: Set<unknown>, depth: number): number {
  let hash: number = kind.set
  for (const item of set) hash += pair(structuralHash(item, depth + 1), 0)
  return hash | 0
}

function hashTypedArray(array: Uint8Array): number {
  let hash = mixWord(kind.typedArray, typedArrayIndex(array))
  for (const item of array) hash = mixWord(hash, typeof item === 'number' ? hashNumber(item) : structuralHash(item))
  return hash
}

function pair(key: number, value: number): number {
  return finish(mixWord(key, value), 4)
}
