/**
 * Which keys of an operator have been touched since a snapshot: a byte a key id, for all of the operator's states.
 *
 * A key counts as touched when a row of it comes, when a timer of it is due, and when it gets its id or loses it. So nothing
 * a state does has to be watched. What was touched before a snapshot of which nobody knows yet whether it counts is kept
 * until that is known, and belongs to the next one if it does not.
 *
 * Cost: nothing before the first snapshot; then a read and a write of a byte a row. Memory: three bytes a key.
 */
import type { KeyIndex } from '@millrace/algebra'

/** Bits of a key: something was touched; its id got a key, or lost it. */
export const TOUCHED = 1
export const KEY = 2

/** What a snapshot has to tell of an index's ids. */
export interface IdChanges {
  /** Bits by id. */
  readonly marks: Uint8Array
  /** Of the free ids, so many are as they were. */
  readonly kept: number
  readonly whole: boolean
}

const NOTHING: Uint8Array = new Uint8Array(0)

export class KeyChanges {
  readonly #index: KeyIndex
  /** Since the last snapshot began; null: there was none. */
  #since: Uint8Array | null = null
  /** Before that, since the last one that counts. */
  #before = NOTHING
  /** Of the free ids, so many have been so since then. */
  #kept = 0
  /** What the snapshot in flight is told, and uses up. */
  #told = NOTHING
  #cleared = false
  #clearedBefore = false

  constructor(index: KeyIndex) {
    this.#index = index
  }

  /** Something was dropped of any number of keys: the next snapshot that counts tells of all of them. */
  cleared(): void {
    this.#cleared = true
  }

  touch(ids: Int32Array, length: number): void {
    if (this.#since === null) return
    const since = this.#room(this.#since)
    for (let i = 0; i < length; i++) if (ids[i] >= 0) since[ids[i]] |= TOUCHED
  }

  freed(id: number): void {
    if (this.#since !== null) this.#room(this.#since)[id] = KEY
  }

  #taken(id: number): void {
    this.#room(this.#since!)[id] = TOUCHED | KEY
  }

  #room(since: Uint8Array): Uint8Array {
    const { capacity } = this.#index
    if (since.length >= capacity) return since
    const larger = new Uint8Array(capacity)
    larger.set(since)
    this.#since = larger
    return larger
  }

  /**
   * A snapshot begins: what the one before was told counts no longer. Arrays are used again, at millions of keys they would be
   * work for the collector at the worst moment.
   *
   * @param whole it tells of all keys; otherwise of what has changed since the last one, or, if that does not count, since
   *   the one before
   */
  begin(whole: boolean, lastCounts: boolean): IdChanges {
    const index = this.#index
    const { capacity, highWater } = index
    if (this.#since === null) {
      if (!whole) throw new RangeError('missing snapshot: there is none that has changed')
      index.onTaken = id => this.#taken(id)
    }
    const since = this.#since === null ? NOTHING : this.#room(this.#since)
    const kept = index.freeSince()
    if (!lastCounts) {
      const before = this.#before
      for (let id = 0; id < before.length; id++) if (since[id] !== KEY) since[id] |= before[id]
    }
    this.#kept = lastCounts ? kept : Math.min(kept, this.#kept)
    this.#since = this.#before.length === capacity ? this.#before.fill(0) : new Uint8Array(capacity)
    this.#before = since
    this.#clearedBefore = this.#cleared || (!lastCounts && this.#clearedBefore)
    this.#cleared = false
    if (this.#told.length < highWater) this.#told = new Uint8Array(capacity)
    const marks = this.#told.subarray(0, highWater)
    const isWhole = whole || this.#clearedBefore
    if (isWhole) index.liveMarks(marks)
    else marks.set(since.subarray(0, marks.length))
    return { marks, kept: isWhole ? 0 : this.#kept, whole: isWhole }
  }
}
