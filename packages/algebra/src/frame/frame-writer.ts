import { requireLittleEndian } from './byte-order.ts'
import { FrameError } from './frame-error.ts'
import { max } from './layout.ts'

/**
 * Where frames are written: either memory of its own that grows up to a limit, or memory it is given, such as a slot of
 * a ring, that does not. Frames are written one behind the other; each begins at a multiple of 8.
 *
 *     const writer = new FrameWriter()
 *     encodeBatch(batch, writer)
 *     socket.write(writer.written())   // a view: valid until the next encode or clear
 *     writer.clear()
 */
export class FrameWriter {
  /** Bytes written. */
  length = 0
  /** The memory, also as words of each size; renewed when it grows. */
  bytes: Uint8Array
  ints: Int32Array
  doubles: Float64Array
  bigints: BigInt64Array
  /** Bytes that may be written in all. */
  limit: number
  readonly #growing: boolean

  /**
   * @param memory bytes to begin with, or the memory to fill, which must begin at a multiple of 8
   * @param limit bytes to grow to, at most and by default 1 GiB
   */
  constructor(memory: number | Uint8Array = 1 << 16, limit: number = max.bytes) {
    requireLittleEndian()
    this.#growing = typeof memory === 'number'
    this.bytes = typeof memory === 'number' ? new Uint8Array(Math.max(64, memory & -8)) : memory
    if ((this.bytes.byteOffset & 7) !== 0)
      throw new RangeError(`invalid memory: begins at byte ${this.bytes.byteOffset}`)
    this.limit = Math.min(limit, max.bytes, this.#growing ? max.bytes : this.bytes.length) & -8
    this.ints = new Int32Array(0)
    this.doubles = new Float64Array(0)
    this.bigints = new BigInt64Array(0)
    this.#see()
  }

  /** What was written, in place: valid until the next write or clear. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  clear(): void {
    this.length = 0
  }

  /** The next frame goes to bytes `from` to `to` of the memory it was given, multiples of 8. */
  window(from: number, to: number): void {
    if (this.#growing || ((from | to) & 7) !== 0 || from < 0 || from > to || to > this.bytes.length)
      throw new RangeError(`invalid window: ${from} to ${to}`)
    this.length = from
    this.limit = to
  }

  /** Drops what was written from byte `length` on. */
  truncate(length: number): void {
    this.length = length
  }

  /** Room for `bytes` more, which are not yet counted as written. Throws FrameError past the limit. */
  ensure(bytes: number): void {
    const needed = this.length + bytes
    if (needed > this.limit) throw new FrameError(`it takes ${needed} bytes or more, there is room for ${this.limit}`)
    if (needed > (this.bytes.length & -8)) this.#grow(needed)
  }

  /** Takes `bytes` and what fills them up to a multiple of 8; the filling is zero. Returns where they begin. */
  reserve(bytes: number): number {
    this.ensure(bytes)
    const at = this.length
    const end = (at + bytes + 7) & -8
    for (let i = at + bytes; i < end; i++) this.bytes[i] = 0
    this.length = end
    return at
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.min(this.limit, Math.max((needed + 7) & -8, this.bytes.length * 2)))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.#see()
  }

  #see(): void {
    const { buffer, byteOffset, length } = this.bytes
    this.ints = new Int32Array(buffer, byteOffset, length >>> 2)
    this.doubles = new Float64Array(buffer, byteOffset, length >>> 3)
    this.bigints = new BigInt64Array(buffer, byteOffset, length >>> 3)
  }
}
