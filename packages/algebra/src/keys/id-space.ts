/**
 * Dense ids: one allocator for a whole index, so that operators keep their state in plain arrays by id. The id freed
 * last is given out first. What is given out next depends on nothing but `highWater` and `free`: a restored index
 * hands out the ids that the original would have.
 */

const FREE = 0
const LIVE = 1
/** Restored as in use, its key still to come. */
const AWAITED = 2

export class IdSpace {
  highWater = 0
  /** Ids that have a key. */
  live = 0
  /** Ids that await theirs. */
  awaited = 0
  #states = new Uint8Array(0)
  #free = new Int32Array(16)
  #freeCount = 0
  /** So many of the free ids, the last to be given out, have been so since `freeSince` was last asked. */
  #kept = 0

  /** No id below `highWater` is free. */
  get dense(): boolean {
    return this.#freeCount === 0
  }

  grow(capacity: number): void {
    const states = new Uint8Array(capacity)
    states.set(this.#states)
    this.#states = states
  }

  take(): number {
    const id = this.#freeCount > 0 ? this.#pop() : this.highWater++
    this.#states[id] = LIVE
    this.live++
    return id
  }

  #pop(): number {
    const id = this.#free[--this.#freeCount]
    if (this.#freeCount < this.#kept) this.#kept = this.#freeCount
    return id
  }

  release(id: number): void {
    this.#states[id] = FREE
    this.live--
    if (this.#freeCount === this.#free.length) {
      const larger = new Int32Array(this.#freeCount * 2)
      larger.set(this.#free)
      this.#free = larger
    }
    this.#free[this.#freeCount++] = id
  }

  /** All ids are as if they had never been given out. */
  clear(): void {
    this.#states.fill(FREE, 0, this.highWater)
    this.highWater = 0
    this.live = 0
    this.#freeCount = 0
    this.#kept = 0
  }

  isLive(id: number): boolean {
    return this.#states[id] === LIVE
  }

  /** Free ids, the next to be given out last. */
  free(): Int32Array {
    return this.#free.slice(0, this.#freeCount)
  }

  /** So many of them, the last to be given out, have been free since it was last asked. */
  freeSince(): number {
    const kept = this.#kept
    this.#kept = this.#freeCount
    return kept
  }

  /** By id: 1 where it has a key. */
  marks(into: Uint8Array): void {
    into.set(this.#states.subarray(0, this.highWater))
  }

  /** Into an empty space with room for `highWater` ids: those not free are awaited. */
  restore(highWater: number, free: Int32Array): void {
    this.#states.fill(AWAITED, 0, highWater)
    for (const id of free) {
      if (!(id >= 0 && id < highWater) || this.#states[id] === FREE) {
        throw new RangeError(`invalid key layout: free id ${id} of ${highWater}`)
      }
      this.#states[id] = FREE
    }
    this.highWater = highWater
    this.#free = free.length === 0 ? new Int32Array(16) : free.slice()
    this.#freeCount = free.length
    this.awaited = highWater - free.length
  }

  /** Makes an awaited id live. */
  place(id: number): void {
    if (this.#states[id] !== AWAITED) throw new RangeError(`invalid key layout: id ${id} is not awaited`)
    this.#states[id] = LIVE
    this.awaited--
    this.live++
  }
}
