/**
 * Lets go of what has expired, a few keys a batch, over and over from the first to the last.
 *
 * A key whose states have all expired is freed here and nowhere else, at a moment that depends only on batches and where
 * the sweep stands. That is in snapshots, what has expired is not: so a restored operator, which never had it, frees the
 * key when the original does, and ids stay the same.
 */
import type { KeyIndex } from '@millrace/algebra'
import type { CallClock } from './call-clock.ts'
import type { StateHandle, StatePart } from './handle.ts'

/** Keys looked at for each row. A row adds one at most, so that what has expired stays a fraction of what is alive. */
const KEYS_A_ROW = 2
const KEYS_A_BATCH = 16

export class ExpirySweep {
  readonly #handles: readonly StateHandle[]
  readonly #clock: CallClock
  #next = 0
  #ids = new Int32Array(0)

  constructor(handles: readonly StateHandle[], clock: CallClock) {
    this.#handles = handles
    this.#clock = clock
  }

  /**
   * After a batch of so many rows: `before` is told which keys are looked at, `free` frees a key that no state holds. Ids
   * that are free may have left something.
   */
  step(
    rows: number,
    index: KeyIndex,
    before: (ids: Int32Array, length: number) => void,
    free: (id: number) => void,
  ): void {
    const count = Math.min(index.highWater, KEYS_A_BATCH + KEYS_A_ROW * rows)
    if (this.#ids.length < count) this.#ids = new Int32Array(count * 2)
    const ids = this.#ids
    for (let i = 0; i < count; i++) {
      if (this.#next >= index.highWater) this.#next = 0
      ids[i] = this.#next++
    }
    before(ids, count)
    for (let i = 0; i < count; i++) {
      const id = ids[i]
      for (let h = 0; h < this.#handles.length; h++) this.#handles[h].expire!(id)
      free(id)
    }
  }

  /** Of a moment of its own: what has expired by then leaves the snapshots of all handles. */
  snapshot(): StatePart[] {
    this.#clock.begin()
    return [{ group: -1, meta: { next: this.#next, now: this.#clock.now }, batch: null }]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { meta } of parts) {
      const { next, now } = meta as { readonly next: number; readonly now: number }
      this.#next = next
      this.#clock.advanceTo(now)
    }
  }
}
