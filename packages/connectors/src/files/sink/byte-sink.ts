/** Bytes that are being put together. */

const CHUNK_BYTES = 256 * 1024

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
