/** Opaque values from bytes of unknown origin: see `opaque-encode.ts`. */
import { MAX_DEPTH, TYPED_ARRAYS } from '../structure/kind.ts'
import { FrameError } from './frame-error.ts'
import { MAX_OPAQUE_BIGINT_BYTES, opaqueTag } from './opaque-tags.ts'
import { decodeText } from './wtf8.ts'

/** One a frame: columns share shapes. */
export class OpaqueDecoder {
  #shapes: Shape[] = []
  /** By the place in the buffer where they come first, once their values are made one by one. */
  #placed: Map<number, Shape> | null = null
  #bytes: Uint8Array = NOTHING
  #at = 0
  #what = ''

  /** The values of a column's section, which must be used up exactly. */
  column(section: Uint8Array, rows: number, nullable: boolean, what: string): unknown[] {
    if (rows > section.length) throw new FrameError(`${rows} values in ${section.length} bytes`, what)
    this.#begin(section, 0, what)
    const values = new Array<unknown>(rows)
    for (let row = this.#integers(values); row < rows; row++) {
      const value = this.#value(0)
      if (!nullable && (value === null || value === undefined)) this.#fail(`row ${row} is absent`)
      values[row] = value
    }
    if (this.#at !== section.length) this.#fail(`${section.length - this.#at} bytes left over`)
    return values
  }

  /**
   * Where the values of a column's section begin, and where it ends; `valueAt` makes them, when all columns of the frame have
   * been asked for this, in their order.
   */
  places(section: Uint8Array, rows: number, nullable: boolean, what: string): Int32Array {
    if (rows > section.length) throw new FrameError(`${rows} values in ${section.length} bytes`, what)
    this.#begin(section, 0, what)
    this.#placed ??= new Map()
    const places = new Int32Array(rows + 1)
    for (let row = 0; row < rows; row++) {
      places[row] = this.#at
      if (!nullable && section[this.#at] <= opaqueTag.null) this.#fail(`row ${row} is absent`)
      this.#skip(0)
    }
    places[rows] = this.#at
    if (this.#at !== section.length) this.#fail(`${section.length - this.#at} bytes left over`)
    return places
  }

  valueAt(section: Uint8Array, place: number, what: string): unknown {
    this.#begin(section, place, what)
    return this.#value(0)
  }

  #begin(section: Uint8Array, at: number, what: string): void {
    this.#bytes = section
    this.#at = at
    this.#what = what
  }

  /** Goes past a value. */
  #skip(depth: number): void {
    const tag = this.#byte()
    switch (tag) {
      case opaqueTag.undefined:
      case opaqueTag.null:
      case opaqueTag.false:
      case opaqueTag.true:
        return
      case opaqueTag.integer:
        this.#varint()
        return
      case opaqueTag.double:
      case opaqueTag.bigint:
      case opaqueTag.date:
        return this.#pass(8)
      case opaqueTag.largeBigint:
        this.#byte()
        return this.#pass(this.#size())
      case opaqueTag.string:
      case opaqueTag.arrayBuffer:
        return this.#pass(this.#size())
      case opaqueTag.typedArray:
        this.#byte()
        return this.#pass(this.#size())
      default:
        if (depth >= MAX_DEPTH) this.#fail(`values nested more than ${MAX_DEPTH} deep`)
        return this.#skipNested(tag, depth + 1)
    }
  }

  #skipNested(tag: number, depth: number): void {
    for (let left = this.#parts(tag); left > 0; left--) this.#skip(depth)
  }

  /** How many values a nested one is made of. */
  #parts(tag: number): number {
    switch (tag) {
      case opaqueTag.array:
      case opaqueTag.set:
        return this.#size()
      case opaqueTag.map:
        return this.#size() * 2
      case opaqueTag.newShape:
        return this.#newShape().keys.length
      case opaqueTag.object:
        return this.#shape().keys.length
      default:
        return this.#fail(`unknown tag ${tag}`)
    }
  }

  #pass(bytes: number): void {
    if (bytes > this.#bytes.length - this.#at) this.#fail('it ends inside a value')
    this.#at += bytes
  }

  /** The value that `OpaqueEncoder.value` wrote at byte `at`; `end` is where it ends. Throws FrameError, which names `what`. */
  value(bytes: Uint8Array, at: number, what: string): unknown {
    if (this.#shapes.length > 0) this.#shapes = []
    this.#begin(bytes, at, what)
    return this.#value(0)
  }

  get end(): number {
    return this.#at
  }

  /** The integers that a column begins with, most often all or none, but for the last. Returns how many. */
  #integers(values: unknown[]): number {
    const bytes = this.#bytes
    const last = bytes.length - 4
    let row = 0
    for (; row < values.length && this.#at <= last && bytes[this.#at] === opaqueTag.integer; row++) {
      const at = this.#at
      const first = bytes[at + 1]
      const second = bytes[at + 2]
      const third = bytes[at + 3]
      let zigzag = first
      this.#at = at + 1
      if (first < 128) this.#at = at + 2
      else if (second < 128) {
        zigzag = (first & 127) | (second << 7)
        this.#at = at + 3
      } else if (third < 128) {
        zigzag = (first & 127) | ((second & 127) << 7) | (third << 14)
        this.#at = at + 4
      } else zigzag = this.#varint()
      values[row] = (zigzag >>> 1) ^ -(zigzag & 1)
    }
    return row
  }

  #value(depth: number): unknown {
    const tag = this.#byte()
    switch (tag) {
      case opaqueTag.undefined:
        return undefined
      case opaqueTag.null:
        return null
      case opaqueTag.false:
        return false
      case opaqueTag.true:
        return true
      case opaqueTag.integer: {
        const zigzag = this.#varint()
        return (zigzag >>> 1) ^ -(zigzag & 1)
      }
      case opaqueTag.double:
        return this.#double()
      case opaqueTag.bigint:
        this.#eight()
        return big[0]
      case opaqueTag.largeBigint:
        return this.#largeBigint()
      case opaqueTag.string:
        return this.#text()
      case opaqueTag.date:
        return new Date(this.#double())
      case opaqueTag.typedArray:
        return this.#typedArray()
      case opaqueTag.arrayBuffer:
        return this.#copy(this.#size()).buffer
      default:
        if (depth >= MAX_DEPTH) this.#fail(`values nested more than ${MAX_DEPTH} deep`)
        return this.#nested(tag, depth + 1)
    }
  }

  #nested(tag: number, depth: number): unknown {
    switch (tag) {
      case opaqueTag.array: {
        const items: unknown[] = [] // not of its size at once: nested ones could claim it again and again
        for (let left = this.#size(); left > 0; left--) items.push(this.#value(depth))
        return items
      }
      case opaqueTag.newShape:
        return this.#object(this.#newShape(), depth)
      case opaqueTag.object:
        return this.#object(this.#shape(), depth)
      case opaqueTag.map: {
        const map = new Map<unknown, unknown>()
        for (let left = this.#size(); left > 0; left--) map.set(this.#value(depth), this.#value(depth))
        return map
      }
      case opaqueTag.set: {
        const set = new Set<unknown>()
        for (let left = this.#size(); left > 0; left--) set.add(this.#value(depth))
        return set
      }
      default:
        return this.#fail(`unknown tag ${tag}`)
    }
  }

  /** Copies the shape's template, which is cheaper than adding its properties one by one. */
  #object(shape: Shape, depth: number): Record<string, unknown> {
    const object = { ...shape.template }
    const { keys } = shape
    for (let i = 0; i < keys.length; i++) object[keys[i]] = this.#value(depth)
    return object
  }

  #shape(): Shape {
    return this.#shapes[this.#varint()] ?? this.#fail('an unknown shape')
  }

  #newShape(): Shape {
    const place = this.#bytes.byteOffset + this.#at
    const known = this.#placed?.get(place)
    if (known === undefined) return this.#learnShape(place)
    this.#at += known.bytes
    return known
  }

  #learnShape(place: number): Shape {
    const keys: string[] = []
    for (let left = this.#size(); left > 0; left--) keys.push(this.#text())
    const template: Record<string, unknown> = {}
    for (const key of keys)
      Object.defineProperty(template, key, { value: null, writable: true, enumerable: true, configurable: true })
    if (Object.keys(template).length !== keys.length) this.#fail('a shape with a key twice')
    const shape = { keys, template, bytes: this.#bytes.byteOffset + this.#at - place }
    this.#shapes.push(shape)
    this.#placed?.set(place, shape)
    return shape
  }

  #typedArray(): unknown {
    const type = TYPED_ARRAYS[this.#byte()] ?? this.#fail('an unknown typed array')
    const length = this.#size()
    if (length % type.BYTES_PER_ELEMENT !== 0) this.#fail(`${type.name} of ${length} bytes`)
    return new type(this.#copy(length).buffer)
  }

  #largeBigint(): bigint {
    const sign = this.#byte()
    const length = this.#size()
    if (sign > 1 || length > MAX_OPAQUE_BIGINT_BYTES) this.#fail(`a bigint of ${length} bytes, sign ${sign}`)
    let hex = '0x0'
    for (let i = this.#at + length; i > this.#at; ) hex += this.#bytes[--i].toString(16).padStart(2, '0')
    this.#at += length
    const magnitude = BigInt(hex)
    return sign === 1 ? -magnitude : magnitude
  }

  #text(): string {
    const length = this.#size()
    const from = this.#at
    this.#at += length
    return decodeText(this.#bytes, from, this.#at, this.#what)
  }

  #double(): number {
    this.#eight()
    return float[0]
  }

  #eight(): void {
    if (this.#bytes.length - this.#at < 8) this.#fail('it ends inside a value')
    for (let i = 0; i < 8; i++) eight[i] = this.#bytes[this.#at + i]
    this.#at += 8
  }

  #copy(length: number): Uint8Array<ArrayBuffer> {
    const copy = new Uint8Array(length)
    copy.set(this.#bytes.subarray(this.#at, this.#at + length))
    this.#at += length
    return copy
  }

  /** A count of bytes or of things that take a byte or more each: no more than there are bytes left. */
  #size(): number {
    const size = this.#varint()
    if (size > this.#bytes.length - this.#at) this.#fail('it ends inside a value')
    return size
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte()
      if (shift === 28 && byte > 15) break
      value |= (byte & 127) << shift
      if (byte < 128) return value >>> 0
    }
    return this.#fail('a number of more than 32 bits')
  }

  #byte(): number {
    if (this.#at >= this.#bytes.length) this.#fail('it ends inside a value')
    return this.#bytes[this.#at++]
  }

  #fail(problem: string): never {
    throw new FrameError(problem, this.#what)
  }
}

const NOTHING = new Uint8Array(0)
const float = new Float64Array(1)
const eight = new Uint8Array(float.buffer)
const big = new BigInt64Array(float.buffer)

interface Shape {
  readonly keys: readonly string[]
  readonly template: Record<string, unknown>
  /** That its keys take. */
  readonly bytes: number
}
