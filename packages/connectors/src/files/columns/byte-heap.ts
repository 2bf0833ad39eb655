/** A growing heap of byte strings that begin on words, as `Utf8Column` wants them. */
export class ByteHeap {
  words: Int32Array
  /** Words in use. */
  used = 0
  #bytes: Uint8Array

  constructor(words = 1024) {
    this.words = new Int32Array(words)
    this.#bytes = new Uint8Array(this.words.buffer)
  }

  /** Copies bytes in; returns the word where they begin. */
  append(bytes: Uint8Array, start: number, end: number): number {
    const word = this.used
    const needed = word + ((end - start + 3) >>> 2)
    if (needed > this.words.length) this.#grow(needed)
    const own = this.#bytes
    let to = word * 4
    if (end - start > 32) own.set(bytes.subarray(start, end), to)
    else for (let i = start; i < end; i++) own[to++] = bytes[i]!
    this.used = needed
    return word
  }
  clear(): void {
    this.used = 0
  }
  get bytes(): Uint8Array {
    return this.#bytes
  }
  #grow(needed: number): void {
    const grown = new Int32Array(Math.max(needed, this.words.length * 2))
    grown.set(this.words.subarray(0, this.used))
    this.words = grown
    this.#bytes = new Uint8Array(grown.buffer)
  }
}
