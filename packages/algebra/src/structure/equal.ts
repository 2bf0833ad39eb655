/**
 * Equality of opaque values by structure (see `kind.ts`). Primitives compare as in keys (-0 equals 0, one NaN; 1, '1'
 * and 1n differ), dates by time, objects by their own enumerable properties whatever their order, maps and sets by
 * content whatever their order, arrays and typed arrays by their items in order. What is not plain data equals itself
 * only. A hole in an array is undefined.
 */
import { kind, kindOf, MAX_DEPTH, typedArrayIndex } from './kind.ts'

/** @throws RangeError for values nested more than `MAX_DEPTH` deep, which cyclic ones are */
export function structurallyEqual(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true
  const is = kindOf(a)
  if (is !== kindOf(b)) return false
  if (depth > MAX_DEPTH) throw new RangeError(`invalid value: nested more than ${MAX_DEPTH} deep, or cyclic`)
  switch (is) {
    case kind.number:
      return Number.isNaN(a) && Number.isNaN(b)
    case kind.date:
      return sameNumber(Number(a), Number(b))
    case kind.array:
      return equalArrays(a as unknown[], b as unknown[], depth)
    case kind.object:
      return equalObjects(a as Record<string, unknown>, b as Record<string, unknown>, depth)
    case kind.map:
      return equalMaps(a as Map<unknown, unknown>, b as Map<unknown, unknown>, depth)
    case kind.set:
      return equalSets(a as Set<unknown>, b as Set<unknown>, depth)
    case kind.typedArray:
      return equalTypedArrays(a as Uint8Array, b as Uint8Array)
    case kind.arrayBuffer:
      return equalTypedArrays(new Uint8Array(a as ArrayBuffer), new Uint8Array(b as ArrayBuffer))
    default:
      return false
  }
}

function sameNumber(a: number | bigint, b: number | bigint): boolean {
  return a === b || (Number.isNaN(a) && Number.isNaN(b))
}

function equalArrays(a: unknown[], b: unknown[], depth: number): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!structurallyEqual(a[i], b[i], depth + 1)) return false
  return true
}

function equalObjects(a: Record<string, unknown>, b: Record<string, unknown>, depth: number): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (const key of keys) if (!isOwn(b, key) || !structurallyEqual(a[key], b[key], depth + 1)) return false
  return true
}

function isOwn(object: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(object, key)
}

function equalTypedArrays(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length || typedArrayIndex(a) !== typedArrayIndex(b)) return false
  for (let i = 0; i < a.length; i++) if (!sameNumber(a[i], b[i])) return false
  return true
}

function equalMaps(a: Map<unknown, unknown>, b: Map<unknown, unknown>, depth: number): boolean {
  if (a.size !== b.size) return false
  const objectsA: unknown[] = []
  for (const entry of a) {
    if (isObject(entry[0])) objectsA.push(entry)
    else if (!b.has(entry[0]) || !structurallyEqual(entry[1], b.get(entry[0]), depth + 1)) return false
  }
  const objectsB = [...b].filter(entry => isObject(entry[0]))
  return matchAll(objectsA, objectsB, depth)
}

function equalSets(a: Set<unknown>, b: Set<unknown>, depth: number): boolean {
  if (a.size !== b.size) return false
  const objectsA: unknown[] = []
  for (const item of a) {
    if (isObject(item)) objectsA.push(item)
    else if (!b.has(item)) return false
  }
  return matchAll(objectsA, [...b].filter(isObject), depth)
}

/** Whether the items pair off: equality is transitive, so the first match of each will do. */
function matchAll(a: unknown[], b: unknown[], depth: number): boolean {
  if (a.length !== b.length) return false
  for (const item of a) {
    const match = b.findIndex(other => structurallyEqual(item, other, depth + 1))
    if (match < 0) return false
    b.splice(match, 1)
  }
  return true
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
