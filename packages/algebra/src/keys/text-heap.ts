/**
 * Text by id: UTF-8 words in chunks of up to 4 MiB, written one behind the other, each text headed by a word with its
 * id. Nothing is ever copied to grow. A removed text leaves a hole; when holes outweigh texts, the chunk with the
 * most of them is emptied into the newest one (the segment cleaning of Rosenblum and Ousterhout's log-structured file
 * system, SOSP 1991), one chunk a removal, so that space stays below twice what is in use plus a chunk and no
 * removal takes longer than moving 4 MiB.
 */
import { tailMask } from './hash-value.ts'

/** An address is chunk << CHUNK_BITS | word. */
const CHUNK_BITS = 20
const CHUNK_WORDS = 1 << CHUNK_BITS
const FIRST_WORDS = 1 << 8
const MAX_CHUNKS = 1 << (32 - CHUNK_BITS)

const NO_WORDS = new Int32Array(0)

export class TextHeap {
  /** By id, two words side by side: the address of the text's first word, and its length in bytes. */
  #places = new Int32Array(0)
  /** A text's words are `chunks[address >>> 20]` from `address & 0xfffff`; bytes behind its last are zero. */
  readonly #chunks: Int32Array[] = []
  readonly #used: number[] = []
  readonly #live: number[] = []
  readonly #empty: number[] = []
  #current = -1
  #totalUsed = 0
  #totalLive = 0

  grow(capacity: number): void {
    const larger = new Int32Array(capacity * 2)
    larger.set(this.#places)
    this.#places = larger
  }

  /** Words that chunks take, in use or not. */
  get allocatedWords(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  set(id: number, heap: Int32Array, start: number, length: number): void {
    const words = (length + 3) >>> 2
    const address = this.#reserve(words + 1)
    const chunk = this.#chunks[address >>> CHUNK_BITS]
    let to = address & (CHUNK_WORDS - 1)
    chunk[to++] = id
    this.#places[id * 2] = address + 1
    this.#places[id * 2 + 1] = length
    for (let i = 0; i < words; i++) chunk[to + i] = heap[start + i]
    if ((length & 3) !== 0) chunk[to + words - 1] &= tailMask(length)
  }

  equals(id: number, heap: Int32Array, start: number, length: number): boolean {
    if (this.#places[id * 2 + 1] !== length) return false
    const address = this.#places[id * 2]
    const chunk = this.#chunks[address >>> CHUNK_BITS]
    const from = address & (CHUNK_WORDS - 1)
    const full = length >>> 2
    for (let i = 0; i < full; i++) if (chunk[from + i] !== heap[start + i]) return false
    return (length & 3) === 0 || chunk[from + full] === (heap[start + full] & tailMask(length))
  }

  lengthOf(id: number): number {
    return this.#places[id * 2 + 1]
  }

  /** Copies a text to word `to` of `target`. */
  copy(id: number, target: Int32Array, to: number): void {
    const address = this.#places[id * 2]
    const chunk = this.#chunks[address >>> CHUNK_BITS]
    const from = address & (CHUNK_WORDS - 1)
    const words = (this.#places[id * 2 + 1] + 3) >>> 2
    for (let i = 0; i < words; i++) target[to + i] = chunk[from + i]
  }

  remove(id: number): void {
    const words = ((this.#places[id * 2 + 1] + 3) >>> 2) + 1
    const address = this.#places[id * 2] - 1
    const number = address >>> CHUNK_BITS
    this.#chunks[number][address & (CHUNK_WORDS - 1)] = -words
    this.#live[number] -= words
    this.#totalLive -= words
    if (this.#live[number] === 0) this.#release(number)
    if (this.#totalUsed - this.#totalLive > this.#totalLive + FIRST_WORDS) this.#clean()
  }

  #reserve(words: number): number {
    let number = this.#current
    if (number < 0 || this.#used[number] + words > this.#chunks[number].length) number = this.#open(words)
    const at = this.#used[number]
    this.#used[number] += words
    this.#live[number] += words
    this.#totalUsed += words
    this.#totalLive += words
    return ((number << CHUNK_BITS) | at) >>> 0
  }

  /** A new current chunk, as large as all text so far within bounds; one of its own size for a text that is larger. */
  #open(words: number): number {
    const number = this.#empty.pop() ?? this.#chunks.length
    if (number === MAX_CHUNKS) {
      throw new RangeError('invalid key state: more than 16 GiB of text in one key column. Raise the parallelism')
    }
    const wanted = Math.max(FIRST_WORDS, Math.min(CHUNK_WORDS, 2 ** Math.ceil(Math.log2(this.#totalLive + words))))
    this.#chunks[number] = new Int32Array(Math.max(wanted, words))
    this.#used[number] = 0
    this.#live[number] = 0
    this.#current = number
    return number
  }

  #release(number: number): void {
    this.#totalUsed -= this.#used[number]
    this.#used[number] = 0
    if (number === this.#current) return
    this.#chunks[number] = NO_WORDS
    this.#empty.push(number)
  }

  #clean(): void {
    let worst = 0
    for (let number = 1; number < this.#chunks.length; number++) {
      if (this.#used[number] - this.#live[number] > this.#used[worst] - this.#live[worst]) worst = number
    }
    if (worst === this.#current) this.#current = -1
    const chunk = this.#chunks[worst]
    const used = this.#used[worst]
    for (let at = 0; at < used; ) {
      const id = chunk[at]
      const words = id < 0 ? -id : ((this.#places[id * 2 + 1] + 3) >>> 2) + 1
      if (id >= 0) this.#move(chunk, at, words, id)
      at += words
    }
    this.#totalLive -= this.#live[worst]
    this.#live[worst] = 0
    this.#release(worst)
  }

  #move(chunk: Int32Array, at: number, words: number, id: number): void {
    const address = this.#reserve(words)
    const to = address & (CHUNK_WORDS - 1)
    const target = this.#chunks[address >>> CHUNK_BITS]
    for (let i = 0; i < words; i++) target[to + i] = chunk[at + i]
    this.#places[id * 2] = address + 1
  }
}
