/**
 * By hand: count and maximum of each key over the last so many slices. Counts are added and taken off again; maxima are
 * kept in two stacks of slices (Tangwongsan, Hirzel, Schneider and Wu, "General incremental sliding-window
 * aggregation", PVLDB 8(7), 2015, section 3.2), so that an ended slice costs twice a key, however many a window has.
 */
export class SlidingAggregate {
  /** Of the window that ended last, by key. */
  readonly counts: Int32Array
  readonly maxima: Int32Array
  readonly #slices: number
  readonly #keys: number
  /** The open slice. */
  #openCounts: Int32Array
  #openMaxima: Int32Array
  /** Ended slices, oldest first. */
  readonly #ended: { counts: Int32Array; maxima: Int32Array }[] = []
  /** Of those that the front stack had: the maxima of each slice and all after it. */
  #front: Int32Array[] = []
  #back: Int32Array

  constructor(slices: number, keys: number) {
    this.#slices = slices
    this.#keys = keys
    this.counts = new Int32Array(keys)
    this.maxima = new Int32Array(keys)
    this.#openCounts = new Int32Array(keys)
    this.#openMaxima = new Int32Array(keys)
    this.#back = new Int32Array(keys)
  }

  /** Rows `from` to before `to` into the open slice; values are not negative. */
  add(ids: Int32Array, values: Int32Array, from: number, to: number): void {
    const counts = this.#openCounts
    const maxima = this.#openMaxima
    for (let row = from; row < to; row++) {
      const id = ids[row]!
      counts[id]!++
      if (values[row]! > maxima[id]!) maxima[id] = values[row]!
    }
  }

  /** Ends the open slice, and with it a window. */
  endSlice(): void {
    if (this.#ended.length === this.#slices) this.#dropOldest()
    const slice = { counts: this.#openCounts, maxima: this.#openMaxima }
    this.#ended.push(slice)
    atLeast(this.#back, slice.maxima)
    for (let id = 0; id < this.#keys; id++) this.counts[id]! += slice.counts[id]!
    this.maxima.set(this.#back)
    const front = this.#front.at(-1)
    if (front !== undefined) atLeast(this.maxima, front)
    this.#openCounts = new Int32Array(this.#keys)
    this.#openMaxima = new Int32Array(this.#keys)
  }

  #dropOldest(): void {
    if (this.#front.length === 0) {
      let after = new Int32Array(this.#keys)
      for (const { maxima } of [...this.#ended].reverse()) {
        after = after.slice()
        atLeast(after, maxima)
        this.#front.push(after)
      }
      this.#back = new Int32Array(this.#keys)
    }
    this.#front.pop()
    const oldest = this.#ended.shift()!
    for (let id = 0; id < this.#keys; id++) this.counts[id]! -= oldest.counts[id]!
  }
}

function atLeast(maxima: Int32Array, others: Int32Array): void {
  for (let id = 0; id < maxima.length; id++) if (others[id]! > maxima[id]!) maxima[id] = others[id]!
}
