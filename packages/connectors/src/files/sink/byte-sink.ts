/**
 * Bytes that are being put together. Short ones go in four at a time, a few of them too far, so there is always room for
 * that behind the end; a byte at a time takes three times as long.
 */
import type { Stamp } from './stamp.ts'

const CHUNK_BYTES = 256 * 1024
/** Most batches fit behind what is not quite a chunk. */
const CAPACITY = 2 * CHUNK_BYTES
/** Room behind what is asked for. */
const SLACK = 4
const MINUS = 45
const TEN_THOUSAND = 10_000

/** By number its four digits, the first in the lowest byte, as `setInt32` with little-endian wants them. */
const FOUR = new Int32Array(TEN_THOUSAND)
for (let n = 0, a = 0; a < 10; a++)
  for (let b = 0; b < 10; b++)
    for (let c = 0; c < 10; c++)
      for (let d = 0; d < 10; d++) FOUR[n++] = 0x30303030 | a | (b << 8) | (c << 16) | (d << 24)

export class ByteSink {
  length = 0
  #bytes = Buffer.allocUnsafe(CAPACITY)
  #view = viewOf(this.#bytes)

  /** True when it is time to `take`. */
  get full(): boolean {
    return this.length >= CHUNK_BYTES
  }

  /** What was put together, for the caller to keep. */
  take(): Uint8Array {
    const { length } = this
    this.length = 0
    if (length < CHUNK_BYTES / 8) return Buffer.from(this.#bytes.subarray(0, length))
    const taken = this.#bytes.subarray(0, length)
    this.#setBytes(Buffer.allocUnsafe(CAPACITY))
    return taken
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.length++] = value
  }

  /** An integer of at most 2^53. */
  integer(value: number): void {
    this.#reserve(17)
    let rest = value
    if (rest < 0) {
      this.#bytes[this.length++] = MINUS
      rest = -rest
    }
    if (rest < TEN_THOUSAND) return this.digits(rest, places(rest))
    const high = Math.floor(rest / TEN_THOUSAND)
    this.integer(high)
    this.digits(rest - high * TEN_THOUSAND, 4)
  }

  /** The last `count` digits, at most four, of an integer from 0 to 9999. */
  digits(value: number, count: number): void {
    this.#reserve(count)
    this.#view.setInt32(this.length, FOUR[value]! >>> ((4 - count) << 3), true)
    this.length += count
  }

  /** Four bytes, the first in the lowest, of which `count` matter. */
  word(word: number, count: number): void {
    this.#reserve(count)
    this.#view.setInt32(this.length, word, true)
    this.length += count
  }

  stamp({ words, length }: Stamp): void {
    this.#reserve(length)
    const to = this.length
    for (let i = 0; i * 4 < length; i++) this.#view.setInt32(to + i * 4, words[i]!, true)
    this.length = to + length
  }

  /** Bytes from a heap of little-endian words on. */
  words(source: Int32Array, from: number, length: number): void {
    this.#reserve(length)
    const to = this.length
    const count = (length + 3) >>> 2
    for (let i = 0; i < count; i++) this.#view.setInt32(to + i * 4, source[from + i]!, true)
    this.length = to + length
  }

  /** Text of characters below U+0080 only. */
  ascii(text: string): void {
    this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.length++] = text.charCodeAt(i)
  }

  /** Well-formed text, as UTF-8. */
  text(text: string): void {
    this.#reserve(text.length * 3)
    this.length += this.#bytes.write(text, this.length, 'utf8')
  }

  bytes(source: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start)
    if (end - start > 32) this.#bytes.set(source.subarray(start, end), this.length)
    else for (let i = start, to = this.length; i < end; i++) this.#bytes[to++] = source[i]!
    this.length += end - start
  }

  /** Forgets what was put in behind `length`. */
  truncate(length: number): void {
    this.length = length
  }

  #reserve(more: number): void {
    if (this.length + more + SLACK > this.#bytes.length) this.#grow(this.length + more + SLACK)
  }
  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#setBytes(grown)
  }
  #setBytes(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** How many digits an integer below 10^4 has. */
function places(value: number): number {
  if (value < 100) return value < 10 ? 1 : 2
  return value < 1000 ? 3 : 4
}
