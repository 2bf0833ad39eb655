/**
 * The stretch of a file that is being parsed: bytes in one piece, however they came, the last ones consumed before them, and
 * one byte of room behind them where a tokenizer may put a sentinel.
 */
/** So many of the bytes that were consumed are kept. */
export const KEPT_BYTES = 64

export class ByteWindow {
  bytes: Uint8Array = new Uint8Array(0)
  /** The first byte not yet consumed. */
  start = 0
  /** Behind the last byte. */
  end = 0
  /** Position in the file of `bytes[0]`. */
  base: number

  constructor(base = 0) {
    this.base = base
  }

  get length(): number {
    return this.end - this.start
  }

  /** Position in the file of the first byte not yet consumed. */
  get position(): number {
    return this.base + this.start
  }

  /** The last bytes consumed. */
  get passed(): Uint8Array {
    return this.bytes.subarray(Math.max(0, this.start - KEPT_BYTES), this.start)
  }

  append(chunk: Uint8Array): void {
    const kept = Math.min(this.start, KEPT_BYTES)
    const from = this.start - kept
    const length = this.end - from
    const needed = length + chunk.length + 1
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.bytes.length * 2, needed + GROWTH)))
      grown.set(this.bytes.subarray(from, this.end))
      this.bytes = grown
    } else if (from > 0) this.bytes.copyWithin(0, from, this.end)
    this.bytes.set(chunk, length)
    this.base += from
    this.start = kept
    this.end = length + chunk.length
  }
}

const GROWTH = 16 * 1024 * 1024
