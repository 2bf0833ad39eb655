/**
 * Processing time as calls of an operator see it: one moment a call, taken when it is first asked for, so that what a
 * call does depends on a single reading of the Host's clock, and on none where nobody asks.
 *
 * It never goes back, not even over a restore onto a machine whose clock is behind: what has expired stays so.
 */
export class CallClock {
  readonly #read: () => number
  #now = Number.NEGATIVE_INFINITY
  #taken = false

  constructor(read: () => number) {
    this.#read = read
  }

  /** The next call begins. */
  begin(): void {
    this.#taken = false
  }

  /** The moment of this call, milliseconds since 1970. */
  get now(): number {
    if (!this.#taken) {
      this.#now = Math.max(this.#now, this.#read())
      this.#taken = true
    }
    return this.#now
  }

  /** Time is at least that. */
  advanceTo(ms: number): void {
    if (ms > this.#now) this.#now = ms
  }
}
