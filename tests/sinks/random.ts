/** Chance from a seed (Steele, Lea and Flood, SplitMix, OOPSLA 2014, in 32 bits). */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed | 0
  }
  /** From 0 to `limit`, exclusive. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return Math.floor((((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32) * limit)
  }
}
