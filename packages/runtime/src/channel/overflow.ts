/** What found no room in a ring, encoded, in order. */

export interface Waiting {
  /** With the flag for more pieces. */
  readonly kind: number
  readonly split: number
  readonly value: number
  readonly payload: Uint8Array
}

/** What an entry without a payload is taken to cost. */
const ENTRY_BYTES = 64

export class Overflow {
  bytes = 0
  #entries: Waiting[] = []
  #first = 0

  get empty(): boolean {
    return this.#first === this.#entries.length
  }

  get first(): Waiting {
    return this.#entries[this.#first]
  }

  push(entry: Waiting): void {
    this.#entries.push(entry)
    this.bytes += ENTRY_BYTES + entry.payload.length
  }

  shift(): void {
    this.bytes -= ENTRY_BYTES + this.first.payload.length
    this.#first++
    if (this.empty || this.#first > 256) {
      this.#entries = this.#entries.slice(this.#first)
      this.#first = 0
    }
  }
}
