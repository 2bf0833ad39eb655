/** Bytes that are being put together. */

const CHUNK_BYTES = 256 * 1024
const BILLION = 1e9
const MINUS = 45
const ZERO = 48

export class ByteSink {
  length = 0
  #bytes = Buffer.allocUnsafe(CHUNK_BYTES)

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
    this.#bytes = Buffer.allocUnsafe(CHUNK_BYTES)
    return taken
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1)
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
    if (rest >= BILLION) {
      const high = Math.floor(rest / BILLION)
      this.digits(high, places(high))
      this.digits(rest - high * BILLION, 9)
    } else this.digits(rest, places(rest))
  }

  /** The last `count` digits, at most nine, of an integer that is not negative. */
  digits(value: number, count: number): void {
    this.#reserve(count)
    const bytes = this.#bytes
    let rest = value | 0
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const tenth = (rest / 10) | 0
      bytes[at] = ZERO + rest - tenth * 10
      rest = tenth
    }
    this.length += count
  }

  /** Short bytes, whole. */
  copy(source: Uint8Array): void {
    const { length } = source
    this.#reserve(length)
    const bytes = this.#bytes
    const to = this.length
    if (length > 64) bytes.set(source, to)
    else for (let i = 0; i < length; i++) bytes[to + i] = source[i]!
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
    const needed = this.length + more
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    grown.set(this.#bytes.subarray(0, this.length))
    this.#bytes = grown
  }
}

/** How many digits an integer below 10^9 has. */
function places(value: number): number {
  if (value < 1000) return value < 10 ? 1 : value < 100 ? 2 : 3
  if (value < 1e6) return value < 1e4 ? 4 : value < 1e5 ? 5 : 6
  return value < 1e7 ? 7 : value < 1e8 ? 8 : 9
}
