/**
 * The stretch of a file that is being parsed: bytes in one piece, however they came, and one byte of room behind them
 * where a tokenizer may put a sentinel.
 */
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

  append(chunk: Uint8Array): void {
    const length = this.length
    const needed = length + chunk.length + 1
    if (needed > this.bytes.length) {
      const grown = new Uint8Array(Math.max(needed, Math.min(this.bytes.length * 2, needed + GROWTH)))
      grown.set(this.bytes.subarray(this.start, this.end))
      this.bytes = grown
    } else if (this.start > 0) this.bytes.copyWithin(0, this.start, this.end)
    this.bytes.set(chunk, length)
    this.base += this.start
    this.start = 0
    this.end = length + chunk.length
  }
}

const GROWTH = 16 * 1024 * 1024
