/** What is at hand of a file that comes in pieces: as much as is looked at, and not what was gone past. */
import { Checksum } from './checksum.ts'

export class PieceWindow {
  readonly checksum = new Checksum()
  readonly #pieces: AsyncIterator<Uint8Array>
  #bytes = new Uint8Array(1 << 16)
  #from = 0
  #to = 0
  #ended = false

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces
  }

  /** The next so many bytes, which stay. Throws RangeError if there are not so many. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#to - this.#from < count) if (!(await this.#more())) throw new RangeError('it ends too early')
    return this.#bytes.subarray(this.#from, this.#from + count)
  }

  /** Goes past what was peeked at. */
  pass(count: number): void {
    this.#from += count
  }

  /** A copy of what was peeked at. */
  take(count: number): Uint8Array {
    this.#from += count
    return this.#bytes.slice(this.#from - count, this.#from)
  }

  async passBy(count: number): Promise<void> {
    let left = count
    while (left > this.#to - this.#from) {
      left -= this.#to - this.#from
      this.#from = this.#to
      if (!(await this.#more())) throw new RangeError('it ends too early')
    }
    this.#from += left
  }

  async isAtEnd(): Promise<boolean> {
    return this.#from === this.#to && !(await this.#more())
  }

  async #more(): Promise<boolean> {
    const { value, done } = this.#ended ? { value: undefined, done: true } : await this.#pieces.next()
    if (done === true) this.#ended = true
    if (value === undefined) return false
    this.checksum.add(value)
    const held = this.#to - this.#from
    if (held + value.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(held + value.length, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(this.#from, this.#to))
      this.#bytes = larger
    } else this.#bytes.copyWithin(0, this.#from, this.#to)
    this.#from = 0
    this.#bytes.set(value, held)
    this.#to = held + value.length
    return true
  }

  /** @param read the rest goes into the checksum before */
  async close(read: boolean): Promise<void> {
    while (read && !this.#ended) {
      this.#from = this.#to
      await this.#more()
    }
    if (!this.#ended) await this.#pieces.return?.()
    this.#ended = true
  }
}
