import { FrameError } from './frame-error.ts'

/** The sections of a frame, taken in their order: each must begin, aligned, where the one before ended or later. */
export class Sections {
  readonly bytes: Uint8Array
  /** The frame by words, its tables among them. */
  readonly words: Int32Array
  #end: number

  /** @param end of the tables */
  constructor(bytes: Uint8Array, words: Int32Array, end: number) {
    this.bytes = bytes
    this.words = words
    this.#end = end
  }

  /** The section whose offset and length are at word `entry`, as 32-bit integers. */
  ints(entry: number, count: number, what: string): Int32Array {
    const at = this.#take(entry, count * 4, what)
    return new Int32Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }

  doubles(entry: number, count: number, what: string): Float64Array {
    const at = this.#take(entry, count * 8, what)
    return new Float64Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }

  bigints(entry: number, count: number, what: string): BigInt64Array {
    const at = this.#take(entry, count * 8, what)
    return new BigInt64Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }

  byteArray(entry: number, count: number, what: string): Uint8Array {
    const at = this.#take(entry, count, what)
    return new Uint8Array(this.bytes.buffer, this.bytes.byteOffset + at, count)
  }

  /** What the section's length says, not yet checked against anything. */
  length(entry: number): number {
    return this.words[entry + 1] >>> 0
  }

  /** Checks that there is no such section. */
  absent(entry: number, what: string): null {
    if (this.words[entry] !== 0 || this.words[entry + 1] !== 0) throw new FrameError('not expected', what)
    return null
  }

  #take(entry: number, bytes: number, what: string): number {
    const at = this.words[entry] >>> 0
    const length = this.words[entry + 1] >>> 0
    if (length !== bytes) throw new FrameError(`${length} bytes instead of ${bytes}`, what)
    if ((at & 7) !== 0 || at < this.#end || at + length > this.bytes.length)
      throw new FrameError(`${length} bytes at ${at} are out of place`, what)
    this.#end = at + length
    return at
  }
}
