/** By hand: int32 keys to dense ids, by open addressing with linear probing; at most half full. */
export class DenseIds {
  #slots = new Int32Array(1 << 12)
  /** By id. */
  keys = new Int32Array(1 << 11)
  size = 0

  /** The ids of the first `count` keys. */
  resolve(keys: Int32Array, count: number, ids: Int32Array): void {
    while (this.size + count > this.keys.length) this.#grow()
    const slots = this.#slots
    const known = this.keys
    const mask = slots.length - 1
    for (let i = 0; i < count; i++) {
      const key = keys[i]!
      let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask
      let id = slots[slot]! - 1
      while (id >= 0 && known[id] !== key) {
        slot = (slot + 1) & mask
        id = slots[slot]! - 1
      }
      if (id < 0) {
        id = this.size++
        known[id] = key
        slots[slot] = id + 1
      }
      ids[i] = id
    }
  }

  #grow(): void {
    const keys = this.keys
    this.keys = new Int32Array(keys.length * 2)
    this.keys.set(keys)
    this.#slots = new Int32Array(this.keys.length * 2)
    const mask = this.#slots.length - 1
    for (let id = 0; id < this.size; id++) {
      let slot = (Math.imul(keys[id]!, 0x9e3779b1) >>> 7) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = id + 1
    }
  }
}
