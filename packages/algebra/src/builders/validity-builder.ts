import { setValid, type Validity } from '../column.ts'
import type { Field } from '../schema.ts'
import { ValueError } from '../value-error.ts'

/**
 * The validity of a column that is being built. Bits are 1 until a row is declared absent, so that appending a
 * present value touches nothing here; there is no bitmap until the first absent one.
 */
export class ValidityBuilder {
  readonly #field: Field
  #bits: Uint8Array = NONE
  #absent = false

  constructor(field: Field) {
    this.#field = field
  }

  /** Declares a row absent, or throws if the column has no room for that. */
  setAbsent(row: number): void {
    if (!this.#field.nullable) throw new ValueError(this.#field.name, null, this.#field.type.kind)
    if (row >>> 3 >= this.#bits.length) {
      const grown = new Uint8Array(Math.max(16, this.#bits.length * 2, (row >>> 3) + 1)).fill(0xff)
      grown.set(this.#bits)
      this.#bits = grown
    }
    setValid(this.#bits, row, false)
    this.#absent = true
  }

  truncate(from: number, length: number): void {
    if (this.#absent) for (let row = from; row < length; row++) this.#setPresent(row)
  }

  /** The bitmap of `length` rows; null while every row is present. */
  build(length: number): Validity {
    if (!this.#absent) return null
    const bytes = (length + 7) >>> 3
    if (bytes > this.#bits.length) {
      const grown = new Uint8Array(bytes + (bytes >>> 1)).fill(0xff)
      grown.set(this.#bits)
      this.#bits = grown
    }
    return this.#bits
  }

  take(length: number): Validity {
    const validity = this.build(length)
    this.#bits = NONE
    this.#absent = false
    return validity
  }

  clear(): void {
    if (this.#absent) this.#bits.fill(0xff)
    this.#absent = false
  }

  #setPresent(row: number): void {
    if (row >>> 3 < this.#bits.length) setValid(this.#bits, row, true)
  }
}

const NONE = new Uint8Array(0)
