/**
 * Opaque values as bytes: what plain data is (see `structure/kind.ts`) comes back as it was, but for holes in arrays
 * (undefined), the prototype of objects (the plain one), and symbol keys and named properties of arrays (left out, as in
 * JSON). Objects with the same keys in the same order share a *shape*, whose keys are written once a frame.
 */
import type { AnyColumn } from '../column.ts'
import type { Selection } from '../dense.ts'
import type { Field } from '../schema.ts'
import { kind, kindOf, MAX_DEPTH, typedArrayIndex } from '../structure/kind.ts'
import { NotPlainData, plainDataError } from '../structure/plain-data-error.ts'
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { ValueError } from '../value-error.ts'
import { FrameWriter } from './frame-writer.ts'
import { MAX_OPAQUE_BIGINT_BYTES, opaqueTag } from './opaque-tags.ts'

/** One a frame: columns share shapes. */
export class OpaqueEncoder {
  readonly #out: FrameWriter
  #shapes: ShapeTable | null = null

  /** @param out where single values go; columns are written to memory that all share */
  constructor(out?: FrameWriter) {
    if (scratch === null || scratch.bytes.length > SCRATCH_KEPT) scratch = new FrameWriter()
    this.#out = out ?? scratch
  }

  /** A value by itself, behind what was written: it shares its shapes with none. Throws ValueError, which names `what`. */
  value(value: unknown, what: string): void {
    this.#shapes = null
    try {
      this.#write(value, 0)
    } catch (error) {
      throw error instanceof NotPlainData ? plainDataError(what, value) : error
    }
  }

  /** The bytes of a column's values: valid until the next column. */
  column(column: AnyColumn, field: Field, selection: Selection, length: number): Uint8Array {
    this.#out.clear()
    for (let i = this.#integers(column.values, selection, length); i < length; i++) {
      const value = column.values[selection === null ? i : selection[i]]
      if ((value === null || value === undefined) && !field.nullable) throw new ValueError(field.name, value, 'value')
      try {
        this.#write(value, 0)
      } catch (error) {
        throw error instanceof NotPlainData ? plainDataError(field.name, value) : error
      }
    }
    return this.#out.written()
  }

  /** The integers that a column begins with, most often all or none: 9 ns a row, not 18. Returns how many. */
  #integers(values: readonly unknown[], selection: Selection, length: number): number {
    if (length === 0 || !isInteger(values[selection === null ? 0 : selection[0]])) return 0
    const out = this.#out
    out.ensure(length * INTEGER_BYTES)
    const { bytes } = out
    let at = 0
    let row = 0
    for (; row < length; row++) {
      const value = values[selection === null ? row : selection[row]]
      if (!isInteger(value)) break
      bytes[at++] = opaqueTag.integer
      let rest = ((value << 1) ^ (value >> 31)) >>> 0
      for (; rest > 127; rest >>>= 7) bytes[at++] = (rest & 127) | 128
      bytes[at++] = rest
    }
    out.length = at
    return row
  }

  #write(value: unknown, depth: number): void {
    const is = kindOf(value)
    switch (is) {
      case kind.string:
        this.#tag(opaqueTag.string)
        this.#text(value as string)
        break
      case kind.number:
        this.#number(value as number)
        break
      case kind.boolean:
        this.#tag(value === true ? opaqueTag.true : opaqueTag.false)
        break
      case kind.null:
        this.#tag(opaqueTag.null)
        break
      case kind.undefined:
        this.#tag(opaqueTag.undefined)
        break
      case kind.bigint:
        this.#bigint(value as bigint)
        break
      case kind.date:
        this.#double(opaqueTag.date, Number(value))
        break
      case kind.typedArray:
        this.#tag(opaqueTag.typedArray)
        this.#byte(typedArrayIndex(value as Uint8Array))
        this.#bytes(value as Uint8Array)
        break
      case kind.arrayBuffer:
        this.#tag(opaqueTag.arrayBuffer)
        this.#bytes(new Uint8Array(value as ArrayBuffer))
        break
      case kind.none:
        throw new NotPlainData()
      default:
        if (depth >= MAX_DEPTH) throw new NotPlainData()
        this.#nested(is, value, depth + 1)
    }
  }

  #nested(is: number, value: unknown, depth: number): void {
    if (is === kind.object) this.#object(value as Record<string, unknown>, depth)
    else if (is === kind.array) {
      const items = value as unknown[]
      this.#tag(opaqueTag.array)
      const count = items.length
      this.#count(count)
      for (let i = 0; i < count; i++) this.#write(items[i], depth)
    } else if (is === kind.map) {
      this.#tag(opaqueTag.map)
      this.#count((value as Map<unknown, unknown>).size)
      for (const [key, item] of value as Map<unknown, unknown>) {
        this.#write(key, depth)
        this.#write(item, depth)
      }
    } else {
      this.#tag(opaqueTag.set)
      this.#count((value as Set<unknown>).size)
      for (const item of value as Set<unknown>) this.#write(item, depth)
    }
  }

  #object(object: Record<string, unknown>, depth: number): void {
    const keys = Object.keys(object)
    this.#shapes ??= new ShapeTable()
    const known = this.#shapes.find(keys)
    if (known >= 0) {
      this.#tag(opaqueTag.object)
      this.#count(known)
    } else {
      this.#tag(opaqueTag.newShape)
      this.#count(keys.length)
      for (const key of keys) this.#text(key)
    }
    for (let i = 0; i < keys.length; i++) this.#write(object[keys[i]], depth)
  }

  #number(value: number): void {
    if (!isInteger(value)) {
      this.#double(opaqueTag.double, value)
      return
    }
    this.#tag(opaqueTag.integer)
    this.#count(((value << 1) ^ (value >> 31)) >>> 0)
  }

  #double(tag: number, value: number): void {
    this.#tag(tag)
    float[0] = value
    this.#eight()
  }

  #bigint(value: bigint): void {
    if (BigInt.asIntN(64, value) === value) {
      this.#tag(opaqueTag.bigint)
      big[0] = value
      this.#eight()
      return
    }
    const hex = (value < 0n ? -value : value).toString(16)
    const length = (hex.length + 1) >>> 1
    if (length > MAX_OPAQUE_BIGINT_BYTES)
      throw new RangeError(`invalid bigint: ${length} bytes (frames take ${MAX_OPAQUE_BIGINT_BYTES})`)
    this.#tag(opaqueTag.largeBigint)
    this.#byte(value < 0n ? 1 : 0)
    this.#count(length)
    for (let end = hex.length; end > 0; end -= 2) this.#byte(Number.parseInt(hex.slice(Math.max(0, end - 2), end), 16))
  }

  /** A varint of bytes, then the bytes. */
  #text(text: string): void {
    const out = this.#out
    if (text.length < 42) {
      out.ensure(1 + text.length * 3) // the length fits one byte
      const length = writeUtf8(out.bytes, out.length + 1, text)
      out.bytes[out.length] = length
      out.length += 1 + length
      return
    }
    const length = utf8Length(text)
    this.#count(length)
    out.ensure(length)
    if (length === text.length) ascii.encodeInto(text, out.bytes.subarray(out.length, out.length + length))
    else writeUtf8(out.bytes, out.length, text)
    out.length += length
  }

  #bytes(view: ArrayBufferView): void {
    const out = this.#out
    this.#count(view.byteLength)
    out.ensure(view.byteLength)
    out.bytes.set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), out.length)
    out.length += view.byteLength
  }

  #eight(): void {
    const out = this.#out
    out.ensure(8)
    for (let i = 0; i < 8; i++) out.bytes[out.length + i] = eight[i]
    out.length += 8
  }

  #tag(tag: number): void {
    this.#byte(tag)
  }

  #byte(byte: number): void {
    const out = this.#out
    out.ensure(1)
    out.bytes[out.length++] = byte
  }

  /** An unsigned varint below 2^32. */
  #count(value: number): void {
    const out = this.#out
    out.ensure(5)
    let rest = value
    for (; rest > 127; rest >>>= 7) out.bytes[out.length++] = (rest & 127) | 128
    out.bytes[out.length++] = rest
  }
}

/** At most: a tag and a varint. */
const INTEGER_BYTES = 6

function isInteger(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value && !Object.is(value, -0)
}

/** Values are written here first, since their size is known only then. Memory past this many bytes is not kept. */
const SCRATCH_KEPT = 1 << 20
let scratch: FrameWriter | null = null

/** Native, for text in which every character is a byte: it would replace lone surrogates. */
const ascii = new TextEncoder()
const float = new Float64Array(1)
const eight = new Uint8Array(float.buffer)
const big = new BigInt64Array(float.buffer)

/** The shapes of a frame, by a trie of keys; the latest of each first key is tried first. */
class ShapeTable {
  readonly #root: ShapeNode = { number: -1, next: null }
  readonly #latest = new Map<string, Shape>()
  #count = 0

  /** The number of the shape with these keys; -1 if it is new, and now has the next number. */
  find(keys: readonly string[]): number {
    const first = keys.length === 0 ? '' : keys[0]
    const latest = this.#latest.get(first)
    if (latest !== undefined && sameKeys(latest.keys, keys)) return latest.number
    let node = this.#root
    for (const key of keys) {
      node.next ??= new Map()
      let next = node.next.get(key)
      if (next === undefined) node.next.set(key, (next = { number: -1, next: null }))
      node = next
    }
    const known = node.number
    if (known < 0) node.number = this.#count++
    this.#latest.set(first, { keys, number: node.number })
    return known
  }
}

interface Shape {
  readonly keys: readonly string[]
  readonly number: number
}

interface ShapeNode {
  number: number
  next: Map<string, ShapeNode> | null
}

function sameKeys(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}
