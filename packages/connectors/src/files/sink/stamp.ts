/** Bytes that are written again and again, as little-endian words. */
export class Stamp {
  readonly words: Int32Array
  /** In bytes. */
  readonly length: number

  /** @param text well-formed */
  constructor(text: string) {
    const bytes = Buffer.from(text)
    const padded = Buffer.concat([bytes, Buffer.alloc(3)])
    this.length = bytes.length
    this.words = Int32Array.from({ length: (bytes.length + 3) >>> 2 }, (_, i) => padded.readInt32LE(i * 4))
  }
}
