/**
 * A map of any size: V8's Map throws at 2^24 entries. A full one is followed by another; an entry is in one of them, and
 * new ones go into the last, so that the order is that in which keys came, as in one Map.
 *
 * Cost: a look-up in each of its Maps, of which there is one for every 8 M entries.
 */

export const SHARD_ENTRIES = 2 ** 23

/** What all maps can do. */
export type AnyMap<K = unknown, V = unknown> = Map<K, V> | LargeMap<K, V>

export class LargeMap<K, V> {
  readonly #shards: Map<K, V>[]
  readonly #room: number
  #size: number

  /**
   * @param first with which it begins, and whose owner it becomes
   * @param room entries in one Map
   */
  constructor(first: Map<K, V> = new Map(), room: number = SHARD_ENTRIES) {
    this.#shards = [first]
    this.#room = room
    this.#size = first.size
  }

  get size(): number {
    return this.#size
  }

  /** Its parts, in order. */
  get shards(): readonly ReadonlyMap<K, V>[] {
    return this.#shards
  }

  has(key: K): boolean {
    return this.#holder(key) !== undefined
  }

  get(key: K): V | undefined {
    return this.#holder(key)?.get(key)
  }

  set(key: K, value: V): this {
    let map = this.#holder(key)
    if (map === undefined) {
      map = this.#shards[this.#shards.length - 1]
      if (map.size >= this.#room) this.#shards.push((map = new Map()))
      this.#size++
    }
    map.set(key, value)
    return this
  }

  delete(key: K): boolean {
    const holder = this.#holder(key)
    if (holder === undefined) return false
    holder.delete(key)
    this.#size--
    if (holder.size === 0 && this.#shards.length > 1) this.#shards.splice(this.#shards.indexOf(holder), 1)
    return true
  }

  /** In the order in which the keys came; what is added meanwhile comes too, as of a Map. */
  *entries(): Generator<[K, V], undefined> {
    const seen = new Set<Map<K, V>>()
    for (;;) {
      const next = this.#shards.find(shard => !seen.has(shard))
      if (next === undefined) return
      seen.add(next)
      yield* next
    }
  }

  #holder(key: K): Map<K, V> | undefined {
    const shards = this.#shards
    for (let s = 0; s < shards.length; s++) if (shards[s].has(key)) return shards[s]
    return undefined
  }
}

/** The map with an entry more, or another. `room`: at which size a Map becomes a large one. */
export function withEntry<K, V>(map: AnyMap<K, V>, key: K, value: V, room: number): AnyMap<K, V> {
  const full = map.size >= room && map instanceof Map && !map.has(key)
  return (full ? new LargeMap(map, room) : map).set(key, value)
}

/** A map as Maps that V8 can copy. */
export function shardsOf<K, V>(map: AnyMap<K, V>): readonly ReadonlyMap<K, V>[] {
  return map instanceof LargeMap ? map.shards : [map]
}
