/**
 * The distinct strings of a text column, found by their bytes: an open-addressing table with linear probing from the
 * FNV-1a hash to codes; a string is decoded once, when it is new.
 */
import { Dictionary } from '@millrace/algebra'
import { ByteHeap } from './byte-heap.ts'

const ENTRIES = 1 << 16
const BYTES = 1 << 22

export class ByteDictionary {
  readonly dictionary = new Dictionary()
  readonly heap = new ByteHeap()
  /** Per code: where its bytes begin in the heap, in words, and how many they are. */
  starts = new Int32Array(64)
  lengths = new Int32Array(64)
  #hashes = new Int32Array(64)
  /** Code + 1; 0: free. */
  #table = new Int32Array(128)

  get size(): number {
    return this.dictionary.values.length
  }

  /**
   * The code of bytes; a new one if need be; -1 if the dictionary is full.
   * @param text what they say; must be given unless they are valid UTF-8
   */
  code(bytes: Uint8Array, start: number, end: number, text?: string): number {
    let hash = 0x811c9dc5 | 0
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
    hash ^= hash >>> 15
    const table = this.#table
    const mask = table.length - 1
    const length = end - start
    let slot = hash & mask
    for (; table[slot] !== 0; slot = (slot + 1) & mask) {
      const code = table[slot]! - 1
      if (this.#hashes[code] === hash && this.lengths[code] === length && this.#same(code, bytes, start)) return code
    }
    return this.#add(slot, hash, bytes, start, end, text)
  }

  #same(code: number, bytes: Uint8Array, start: number): boolean {
    const own = this.heap.bytes
    const from = this.starts[code]! * 4
    const length = this.lengths[code]!
    for (let i = 0; i < length; i++) if (own[from + i] !== bytes[start + i]) return false
    return true
  }

  #add(slot: number, hash: number, bytes: Uint8Array, start: number, end: number, text?: string): number {
    const code = this.size
    if (code === ENTRIES || this.heap.used * 4 + (end - start) > BYTES) return -1
    if (code === this.starts.length) this.#growEntries()
    this.#hashes[code] = hash
    this.starts[code] = this.heap.append(bytes, start, end)
    this.lengths[code] = end - start
    const said = text ?? Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8')
    this.dictionary.values.push(said)
    this.#table[slot] = code + 1
    if (this.size * 2 > this.#table.length) this.#growTable()
    return code
  }

  #growEntries(): void {
    this.starts = grown(this.starts)
    this.lengths = grown(this.lengths)
    this.#hashes = grown(this.#hashes)
  }

  #growTable(): void {
    const table = new Int32Array(this.#table.length * 2)
    const mask = table.length - 1
    for (let code = 0; code < this.size; code++) {
      let slot = this.#hashes[code]! & mask
      while (table[slot] !== 0) slot = (slot + 1) & mask
      table[slot] = code + 1
    }
    this.#table = table
  }
}

function grown(array: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(array.length * 2)
  twice.set(array)
  return twice
}
