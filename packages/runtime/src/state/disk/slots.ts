/**
 * Where rows in memory are: slots, given out anew when a row leaves. A clock hand goes round and finds those to leave: each
 * slot used since it last came by is passed once.
 */

/** Bits of a slot: it has a row; that was used since the hand came by; that is not what is on disk; that is being read. */
const USED = 1
const RECENT = 2
export const CHANGED = 4
export const LOADING = 8
/** It has been found once. */
const LEAVING = 16

export class Slots {
  /** By slot: the key's id, where its row is on disk (0: nowhere, or no longer as it is), bytes it is counted with, bits. */
  ids = new Int32Array(0)
  addresses = new Int32Array(0)
  bytes = new Int32Array(0)
  flags = new Uint8Array(0)
  /** Of all rows. */
  totalBytes = 0
  count = 0
  #free: number[] = []
  #highWater = 0
  #hand = 0

  take(id: number, address: number, bytes: number, flags: number): number {
    const slot = this.#free.pop() ?? this.#highWater++
    if (slot >= this.ids.length) this.#grow()
    this.ids[slot] = id
    this.addresses[slot] = address
    this.flags[slot] = flags | USED | RECENT
    this.bytes[slot] = 0
    this.weigh(slot, bytes)
    this.count++
    return slot
  }

  /** It is used: the hand passes it once. */
  use(slot: number): number {
    this.flags[slot] |= RECENT
    return slot
  }

  weigh(slot: number, bytes: number): void {
    this.totalBytes += bytes - this.bytes[slot]
    this.bytes[slot] = bytes
  }

  release(slot: number): void {
    this.weigh(slot, 0)
    this.flags[slot] = 0
    this.count--
    this.#free.push(slot)
  }

  #grow(): void {
    const room = Math.max(1024, this.ids.length * 2)
    this.ids = larger(this.ids, room)
    this.addresses = larger(this.addresses, room)
    this.bytes = larger(this.bytes, room)
    const flags = new Uint8Array(room)
    flags.set(this.flags)
    this.flags = flags
  }

  /** Slots whose rows are to leave, ascending: so many at most, or fewer that take as many bytes. */
  leaving(most: number, bytes: number): Int32Array<ArrayBuffer> {
    const { flags } = this
    const found = new Int32Array(most)
    let count = 0
    let freed = 0
    for (let looked = 2 * this.#highWater; looked > 0 && count < most && freed < bytes; looked--) {
      if (this.#hand >= this.#highWater) this.#hand = 0
      const slot = this.#hand++
      const flag = flags[slot]
      if ((flag & (USED | LOADING | LEAVING)) !== USED) continue
      flags[slot] = flag & ~RECENT
      if ((flag & RECENT) !== 0) continue
      flags[slot] |= LEAVING
      found[count++] = slot
      freed += this.bytes[slot]
    }
    for (let i = 0; i < count; i++) flags[found[i]] &= ~LEAVING
    return found.slice(0, count).sort()
  }

  /** All with a row, ascending. */
  all(): Int32Array<ArrayBuffer> {
    const found = new Int32Array(this.count)
    let count = 0
    for (let slot = 0; slot < this.#highWater; slot++)
      if ((this.flags[slot] & (USED | LOADING)) === USED) found[count++] = slot
    return found.slice(0, count)
  }
}

function larger(array: Int32Array, room: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(room)
  grown.set(array)
  return grown
}
