/** How often each whole number of microseconds was seen; what is longer than a second counts as a second. */
export class Histogram {
  readonly #counts = new Int32Array(1e6 + 1)
  count = 0

  add(micros: number): void {
    this.#counts[Math.min(Math.max(0, Math.floor(micros)), 1e6)]!++
    this.count++
  }

  /** The least value that so large a share of all values is not above. */
  quantile(share: number): number {
    let left = share * this.count
    for (let value = 0; value < this.#counts.length; value++) {
      left -= this.#counts[value]!
      if (left <= 0) return value
    }
    return this.#counts.length - 1
  }
}
