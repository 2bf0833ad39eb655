/**
 * From hash to id: 128 open-addressing tables, one a key group, so that a rehash moves a 128th of the keys (at 5 M
 * keys half a millisecond where one table would pause for a quarter of a second), and a group's keys are found
 * together. Linear probing from the hash's low bits (the group takes its top bits); at most 5/8 full; removal shifts
 * back instead of leaving tombstones (Knuth, TAOCP 3, section 6.4, algorithm R), so that churn costs nothing later.
 *
 * A slot is two words side by side, the full hash and id + 1; 0 in the second means empty. Rehash and removal
 * need only the slots, and probing rarely has to look at a key that is not the one.
 */
import { GROUP_SHIFT, KEY_GROUPS } from './format.ts'

const FIRST_WORDS = 16

/** Groups of fewer words are kept at most 3/8 full: they fit the caches, and it is mispredicted probes that cost. */
const SPARSE_WORDS = 1 << 11

/** One slot that stays empty: what a group without keys probes. */
const NO_SLOTS = new Int32Array(2)

/** Rows whose first slot is another key's. */
let rest = new Int32Array(1024)

export class KeyTable {
  /** By key group: slots as (hash, id + 1), a power of two of them. */
  readonly #groups: Int32Array[] = new Array<Int32Array>(KEY_GROUPS).fill(NO_SLOTS)
  readonly #counts = new Int32Array(KEY_GROUPS)
  #hashes = new Int32Array(0)

  /** Makes room for ids below `capacity`. */
  grow(capacity: number): void {
    const larger = new Int32Array(capacity)
    larger.set(this.#hashes)
    this.#hashes = larger
  }

  /** The hash that an id was inserted with. */
  hashOf(id: number): number {
    return this.#hashes[id]
  }

  /**
   * `ids[i]` = the first id with hash `hashes[i]`, or -1. Returns how many are -1.
   *
   * A first pass looks at every row's first slot and branches on nothing that it finds there: the processor waits for
   * many slots at a time, where a mispredicted branch would make it wait for one after the other. It leaves few rows.
   */
  candidates(hashes: Int32Array, length: number, ids: Int32Array): number {
    const groups = this.#groups
    if (rest.length < length) rest = new Int32Array(length)
    const left = rest
    let absent = 0
    let count = 0
    for (let i = 0; i < length; i++) {
      const hash = hashes[i]
      const slots = groups[hash >>> GROUP_SHIFT]
      const at = (hash << 1) & (slots.length - 1)
      const id = (slots[at + 1] - 1) | 0
      const other = slots[at] ^ hash
      ids[i] = id
      absent = (absent - (id >> 31)) | 0
      left[count] = i
      count = (count + (((other | -other) & ~id) >>> 31)) | 0
    }
    for (let n = 0; n < count; n++) {
      const i = left[n]
      const hash = hashes[i]
      const slots = groups[hash >>> GROUP_SHIFT]
      const mask = slots.length - 1
      let at = ((hash << 1) + 2) & mask
      let entry = slots[at + 1]
      while (entry !== 0 && slots[at] !== hash) {
        at = (at + 2) & mask
        entry = slots[at + 1]
      }
      ids[i] = entry - 1
      absent += entry === 0 ? 1 : 0
    }
    return absent
  }

  /** The slots of a hash's key group: probe from `(hash << 1) & (slots.length - 1)` by twos. */
  slotsOf(hash: number): Int32Array {
    return this.#groups[hash >>> GROUP_SHIFT]
  }

  /** The same, with room for another key. */
  roomFor(hash: number): Int32Array {
    const group = hash >>> GROUP_SHIFT
    const slots = this.#groups[group]
    // keys / slots <= 3/8 or 5/8, and a slot is two words
    if ((this.#counts[group] + 1) * 16 <= slots.length * (slots.length < SPARSE_WORDS ? 3 : 5)) return slots
    return (this.#groups[group] = rehashed(slots))
  }

  /** Adds an id in the empty slot that probing the hash in `roomFor` it ended at; other ids may have the same hash. */
  insert(hash: number, id: number, slots: Int32Array, at: number): void {
    slots[at] = hash
    slots[at + 1] = id + 1
    this.#hashes[id] = hash
    this.#counts[hash >>> GROUP_SHIFT]++
  }

  /** Removes an id that is present. */
  remove(id: number): void {
    const hash = this.#hashes[id]
    const group = hash >>> GROUP_SHIFT
    const slots = this.#groups[group]
    const mask = slots.length - 1
    let hole = (hash << 1) & mask
    while (slots[hole + 1] !== id + 1) hole = (hole + 2) & mask
    for (let at = (hole + 2) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      const home = (slots[at] << 1) & mask
      if (((at - home) & mask) < ((at - hole) & mask)) continue // would come before its home
      slots[hole] = slots[at]
      slots[hole + 1] = slots[at + 1]
      hole = at
    }
    slots[hole + 1] = 0
    this.#counts[group]--
  }

  /** Removes all ids; groups keep their room. */
  clear(): void {
    for (let group = 0; group < KEY_GROUPS; group++) if (this.#counts[group] > 0) this.#groups[group].fill(0)
    this.#counts.fill(0)
  }

  /** The ids of a key group, ascending. */
  members(group: number): Int32Array {
    const slots = this.#groups[group]
    const ids = new Int32Array(this.#counts[group])
    for (let at = 1, n = 0; at < slots.length; at += 2) if (slots[at] !== 0) ids[n++] = slots[at] - 1
    return ids.sort()
  }
}

function rehashed(slots: Int32Array): Int32Array {
  const larger = new Int32Array(slots === NO_SLOTS ? FIRST_WORDS : slots.length * 2)
  const mask = larger.length - 1
  for (let from = 0; from < slots.length; from += 2) {
    if (slots[from + 1] === 0) continue
    let at = (slots[from] << 1) & mask
    while (larger[at + 1] !== 0) at = (at + 2) & mask
    larger[at] = slots[from]
    larger[at + 1] = slots[from + 1]
  }
  return larger
}
