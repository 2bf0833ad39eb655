import { writeUtf8 } from '../utf8.ts'

const MAX_WORDS = 2 ** 31 - 1

/** A growing heap of UTF-8 strings that begin on words and are padded with zeros. */
export class Utf8Heap {
  /** Everything appended, and room behind it. */
  words: Int32Array
  /** Words in use. */
  used = 0
  /** The word where the last string began. */
  start = 0
  #bytes: Uint8Array

  constructor(capacityWords = 256) {
    this.words = new Int32Array(Math.max(64, capacityWords))
    this.#bytes = new Uint8Array(this.words.buffer)
  }

  /** Writes one string; it begins at word `start`. Returns its bytes. */
  append(text: string): number {
    const room = text.length * 3
    if ((this.words.length - this.used) * 4 < room) this.reserve(room)
    this.start = this.used
    const length = writeUtf8(this.#bytes, this.used * 4, text)
    this.used += (length + 3) >>> 2
    const end = this.start * 4 + length
    for (let at = end; at < this.used * 4; at++) this.#bytes[at] = 0
    return length
  }

  /** Copies `length` bytes from word `from` of another heap; they begin at word `start`. */
  copy(heap: Int32Array, from: number, length: number): void {
    const count = (length + 3) >>> 2
    if (this.words.length - this.used < count) this.reserve(count * 4)
    this.start = this.used
    const { words } = this
    let to = this.used
    if (count > 16) words.set(heap.subarray(from, from + count), to)
    else for (let word = from; word < from + count; word++) words[to++] = heap[word]
    this.used += count
    if ((length & 3) !== 0) words[this.used - 1] &= (1 << ((length & 3) * 8)) - 1
  }

  clear(): void {
    this.used = 0
  }

  /** Makes room for so many bytes more. */
  reserve(bytes: number): void {
    const needed = this.used + Math.ceil(bytes / 4)
    if (needed <= this.words.length) return
    if (needed > MAX_WORDS) throw new RangeError(`invalid text column: more than ${MAX_WORDS} words in one batch`)
    const grown = new Int32Array(Math.min(MAX_WORDS, Math.max(needed, this.words.length * 2)))
    grown.set(this.words.subarray(0, this.used))
    this.words = grown
    this.#bytes = new Uint8Array(grown.buffer)
  }
}
