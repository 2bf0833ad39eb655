/**
 * What opaque values may be made of where their content counts (equality, frames): primitives, dates, arrays, plain
 * objects, maps, sets, typed arrays and array buffers, nested up to `MAX_DEPTH`. A function, a symbol or the instance of
 * a class is not data: its meaning is not in its properties.
 *
 * A plain object is one without a prototype or with `Object.prototype`, that of another realm included: a prototype
 * without a prototype of its own. Arrays, maps and sets likewise must not be of a subclass. A Date may be, since a host
 * may put its own in place of `Date`; a Buffer counts as the Uint8Array it is.
 */
import { types } from 'node:util'

export const MAX_DEPTH = 100

export const kind = {
  none: 0,
  undefined: 1,
  null: 2,
  boolean: 3,
  number: 4,
  bigint: 5,
  string: 6,
  array: 7,
  object: 8,
  date: 9,
  map: 10,
  set: 11,
  typedArray: 12,
  arrayBuffer: 13,
} as const

export type Kind = (typeof kind)[keyof typeof kind]

/** The kind of a value; `none` if it is not data. */
export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'string':
      return kind.string
    case 'number':
      return kind.number
    case 'boolean':
      return kind.boolean
    case 'undefined':
      return kind.undefined
    case 'bigint':
      return kind.bigint
    case 'object':
      return value === null ? kind.null : kindOfObject(value)
    default:
      return kind.none
  }
}

function kindOfObject(value: object): Kind {
  const prototype = Object.getPrototypeOf(value)
  if (prototype === Object.prototype || prototype === null) return kind.object
  if (Array.isArray(value)) return depth(prototype) === 2 ? kind.array : kind.none
  if (ArrayBuffer.isView(value)) return typedArrayIndex(value) < 0 ? kind.none : kind.typedArray
  if (types.isDate(value)) return kind.date
  if (types.isMap(value)) return depth(prototype) === 2 ? kind.map : kind.none
  if (types.isSet(value)) return depth(prototype) === 2 ? kind.set : kind.none
  if (types.isAnyArrayBuffer(value)) return kind.arrayBuffer
  return depth(prototype) === 1 && Object.hasOwn(prototype, 'hasOwnProperty') ? kind.object : kind.none
}

/** Prototypes from this one on, as far as 3. */
function depth(prototype: object | null): number {
  let count = 0
  for (let p = prototype; p !== null && count < 3; p = Object.getPrototypeOf(p)) count++
  return count
}

/** The typed arrays, by a number that is theirs in frames: add, never reorder. */
export const TYPED_ARRAYS = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const

const NAMES: readonly string[] = TYPED_ARRAYS.map(type => type.name)
const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!.get!

/** The place of a view's type among `TYPED_ARRAYS`; -1 for a DataView and for types that are not there. */
export function typedArrayIndex(view: ArrayBufferView): number {
  return NAMES.indexOf(tagOf.call(view) ?? '')
}
