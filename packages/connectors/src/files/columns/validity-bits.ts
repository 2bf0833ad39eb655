import { setValid, type Validity } from '@millrace/algebra'

/** The validity of a column that is filled row by row and emptied as a whole. There is no bitmap while all are present. */
export class ValidityBits {
  #bits = new Uint8Array(128)
  #absent = false

  setAbsent(row: number): void {
    if (!this.#absent) this.#bits.fill(0xff)
    if (row >>> 3 >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(this.#bits.length * 2, (row >>> 3) + 1)).fill(0xff)
      grown.set(this.#bits)
      this.#bits = grown
    }
    setValid(this.#bits, row, false)
    this.#absent = true
  }
  /** Takes back that a row is absent. */
  setPresent(row: number): void {
    if (this.#absent && row >>> 3 < this.#bits.length) setValid(this.#bits, row, true)
  }
  /** The bitmap of the first `rows`, valid until the next change. */
  build(rows: number): Validity {
    if (!this.#absent) return null
    if (rows > this.#bits.length * 8) {
      const grown = new Uint8Array((rows + 7) >>> 3).fill(0xff)
      grown.set(this.#bits)
      this.#bits = grown
    }
    return this.#bits
  }
  clear(): void {
    this.#absent = false
  }
}
