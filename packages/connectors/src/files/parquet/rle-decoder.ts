/**
 * The RLE / bit-packing hybrid of Parquet (format document "Encodings", RLE = 3): runs of one value, and groups of eight
 * values packed least significant bit first. Decoded a piece at a time, where it is asked for.
 */
export class RleDecoder {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  readonly #width: number
  #at: number
  /** Values left of the current run. */
  #left = 0
  #packed = false
  /** Of a run of one value. */
  #value = 0
  /** Of packed values: bits already taken from byte `#at`. */
  #bit = 0

  /** @param width bits a value, 0 to 31: more than any dictionary has */
  constructor(bytes: Uint8Array, start: number, end: number, width: number) {
    if (width > 31) throw new RangeError(`invalid bit width: ${width}`)
    this.#bytes = bytes
    this.#start = start
    this.#at = start
    this.#end = end
    this.#width = width
  }

  /** Another decoder of the same values, at their beginning. */
  restarted(): RleDecoder {
    return new RleDecoder(this.#bytes, this.#start, this.#end, this.#width)
  }

  /** Reads `count` values into `to` from index `from` on. */
  read(to: Int32Array, from: number, count: number): void {
    let index = from
    let missing = count
    while (missing > 0) {
      if (this.#left === 0) this.#nextRun()
      const taken = Math.min(missing, this.#left)
      if (this.#packed) this.#unpack(to, index, taken)
      else to.fill(this.#value, index, index + taken)
      this.#left -= taken
      index += taken
      missing -= taken
    }
  }

  /** If the next `count` values are one run, passes over them and returns their value; otherwise -1, and nothing is read. */
  takeRun(count: number): number {
    if (this.#left === 0 && count > 0) this.#nextRun()
    if (this.#packed || this.#left < count) return -1
    this.#left -= count
    return this.#value
  }

  #nextRun(): void {
    if (this.#packed && this.#bit > 0) this.#at++ // never within a well-formed run
    const header = this.#varint()
    this.#packed = (header & 1) === 1
    this.#bit = 0
    if (this.#packed) {
      this.#left = (header >>> 1) * 8
      // a last group may be cut short
      const bits = Math.min(this.#left * this.#width, (this.#end - this.#at) * 8)
      if (this.#width > 0) this.#left = Math.floor(bits / this.#width)
    } else {
      this.#left = header >>> 1
      this.#value = 0
      for (let shift = 0; shift < this.#width; shift += 8) this.#value |= this.#byte() << shift
    }
    if (this.#left === 0) throw new RangeError('invalid run of no values')
  }

  #unpack(to: Int32Array, from: number, count: number): void {
    const width = this.#width
    const bytes = this.#bytes
    const mask = (1 << width) - 1
    const last = this.#end - 4
    let at = this.#at
    let bit = this.#bit
    let i = 0
    if (width <= 25) {
      // a value lies within the four bytes that its first bit begins
      for (; i < count && at <= last; i++) {
        const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
        to[from + i] = (word >>> bit) & mask
        bit += width
        at += bit >>> 3
        bit &= 7
      }
    }
    for (; i < count; i++) {
      let value = 0
      for (let taken = 0; taken < width; ) {
        const part = Math.min(8 - bit, width - taken)
        value |= ((bytes[at]! >>> bit) & ((1 << part) - 1)) << taken
        taken += part
        bit += part
        at += bit >>> 3
        bit &= 7
      }
      to[from + i] = value
    }
    this.#at = at
    this.#bit = bit
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw new RangeError('invalid number of values in a run')
  }

  #byte(): number {
    if (this.#at >= this.#end) throw new RangeError('a page ends too early')
    return this.#bytes[this.#at++]!
  }
}
