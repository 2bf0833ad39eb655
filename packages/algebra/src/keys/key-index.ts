/**
 * The key index: from key columns to dense ids, the heart of keyed state. Operators keep their state in arrays by
 * id, and never see a key.
 *
 * A batch is resolved in passes over columns: hash all rows; find for each the first id with that hash; compare
 * those ids' keys with the rows, a column at a time; and only the rows left over, whose key is new or whose hash is
 * shared, are taken one by one, in order. So memory is waited for in parallel, every loop sees one kind of array,
 * and the ids given out are those that a row-by-row loop would give, however rows are cut into batches.
 *
 * Ids are dense over the whole index and reused, the last freed first; ascending order of ids is the canonical order
 * of iteration. The *layout* (which key has which id, and which are free) is part of a snapshot, so that a restored
 * index continues exactly as the original. A key belongs to one of 128 key groups, the top bits of its hash.
 */
import type { Column } from '../column.ts'
import type { Field } from '../schema.ts'
import { CodeIds } from './code-ids.ts'
import { hashRows } from './hash-rows.ts'
import { IdSpace } from './id-space.ts'
import { type KeyColumn, UNKNOWN } from './key-column.ts'
import { KeyTable } from './key-table.ts'

/** What a snapshot keeps of an index beside its keys and their ids. */
export interface KeyLayout {
  /** Ids were given out below this. */
  readonly highWater: number
  /** Ids below it that have no key, the next to be given out last. */
  readonly free: Int32Array
}

const FIRST_CAPACITY = 64
const MAX_KEYS = 2 ** 30

let hashes = new Int32Array(1024)

export class KeyIndex {
  readonly fields: readonly Field[]
  readonly #columns: readonly KeyColumn[]
  readonly #parts: readonly { grow(capacity: number): void }[]
  readonly #table = new KeyTable()
  readonly #ids = new IdSpace()
  readonly #codes = new CodeIds()
  readonly #maxKeys: number
  #capacity = 0
  /** How many parts have room for twice the capacity. */
  #ahead = 0
  /** Is told of each id that a new key gets. */
  onTaken: ((id: number) => void) | null = null

  /** See `keyIndex`. */
  constructor(fields: readonly Field[], columns: readonly KeyColumn[], maxKeys = MAX_KEYS) {
    this.#maxKeys = maxKeys
    this.fields = fields
    this.#columns = columns
    this.#parts = [this.#ids, this.#codes, this.#table, ...columns]
    this.#growTo(FIRST_CAPACITY)
  }

  /** Keys in the index. */
  get size(): number {
    return this.#ids.live
  }

  /** The length that arrays by id need; at least `highWater`, and grows by doubling in `resolve`. */
  get capacity(): number {
    return this.#capacity
  }

  /** All ids ever given out are below this. */
  get highWater(): number {
    return this.#ids.highWater
  }

  /**
   * `ids[i]` = the id of the key in row i of a batch with these key columns; a key not seen before gets one.
   *
   * @param selection the batch's selection, or null: row i is physical row `selection[i]`
   * @throws TypeError if a column's kind cannot hold the key's type, or a value of an `any` column is no key; the
   *   index is then unchanged
   */
  resolve(columns: readonly Column[], selection: Int32Array | null, length: number, ids: Int32Array): void {
    this.#growAhead()
    if (this.#match(columns, selection, length, ids) === 0) return
    for (let i = 0; i < length; i++) {
      if (ids[i] >= 0) continue
      const row = selection === null ? i : selection[i]
      ids[i] = this.#upsert(columns, row, hashes[i])
      this.#learn(columns, row, ids[i])
    }
  }

  /** As `resolve`, but adds nothing: -1 where the key is not in the index. */
  find(columns: readonly Column[], selection: Int32Array | null, length: number, ids: Int32Array): void {
    if (this.#match(columns, selection, length, ids) === 0) return
    for (let i = 0; i < length; i++) {
      if (ids[i] !== UNKNOWN) continue
      const row = selection === null ? i : selection[i]
      ids[i] = this.#search(columns, row, hashes[i])
      if (ids[i] >= 0) this.#learn(columns, row, ids[i])
    }
  }

  /** The keys of some live ids, one column a field, sharing nothing with the index. */
  gather(ids: Int32Array, length: number): Column[] {
    return this.#columns.map(column => column.gather(ids, length))
  }

  /** The hash of a live id's key; its key group is `hashOf(id) >>> 25`. */
  hashOf(id: number): number {
    return this.#table.hashOf(id)
  }

  isLive(id: number): boolean {
    return this.#ids.isLive(id)
  }

  /** Removes a live id's key; the next new key gets the id. Throws a RangeError for an id that has none. */
  free(id: number): void {
    if (!this.#ids.isLive(id)) throw new RangeError(`unknown key id: ${id}`)
    this.#table.remove(id)
    for (const column of this.#columns) column.remove(id)
    this.#codes.forget(id)
    this.#ids.release(id)
  }

  /** Removes all keys, and what is known of ids: the next new key gets id 0. A tenth of what freeing each takes. */
  clear(): void {
    for (let id = 0; id < this.#ids.highWater; id++) {
      if (this.#ids.isLive(id)) for (const column of this.#columns) column.remove(id)
    }
    this.#table.clear()
    this.#codes.clear()
    this.#ids.clear()
  }

  /** The ids of one key group (0 to 127), ascending. */
  group(group: number): Int32Array {
    return this.#table.members(group)
  }

  layout(): KeyLayout {
    return { highWater: this.#ids.highWater, free: this.#ids.free() }
  }

  /** So many of the free ids of the layout, from the first, are as they were when this was last asked. */
  freeSince(): number {
    return this.#ids.freeSince()
  }

  /** Puts into an array by id, below `highWater`: 1 where it is live. */
  liveMarks(into: Uint8Array): void {
    this.#ids.marks(into)
  }

  /**
   * Gives an index that was never used a layout; `place` then adds the keys, in any order and number of calls, until
   * `size` is `highWater` less the free ids. Before that it must not be used.
   */
  restore(layout: KeyLayout): void {
    if (this.#ids.highWater > 0) throw new RangeError('invalid restore: the key index is in use')
    if (layout.highWater > this.#maxKeys) throw tooMany(this.#maxKeys)
    let capacity = this.capacity
    while (capacity < layout.highWater) capacity *= 2
    if (capacity > this.capacity) this.#growTo(capacity)
    this.#ids.restore(layout.highWater, layout.free)
  }

  /** The keys in rows 0 to `length` of some columns get the ids they had. Throws a RangeError if that cannot be. */
  place(ids: Int32Array, columns: readonly Column[], length: number): void {
    this.#accept(columns)
    hashes = roomFor(length)
    hashRows(columns, null, length, hashes)
    for (let row = 0; row < length; row++) {
      this.#ids.place(ids[row])
      const id = this.#upsert(columns, row, hashes[row], ids[row])
      if (id !== ids[row]) throw new RangeError(`invalid key layout: ids ${id} and ${ids[row]} have the same key`)
    }
  }

  /**
   * The ids of rows whose key is in the index, as far as loops over columns can tell: -1 where it is not, UNKNOWN
   * where it must be searched. Returns how many are negative, and if any are, leaves the rows' hashes in `hashes`.
   */
  #match(columns: readonly Column[], selection: Int32Array | null, length: number, ids: Int32Array): number {
    this.#check(columns)
    const column = columns[0]
    const coded = columns.length === 1 && column.kind === 'dictionary'
    const unknown = coded ? this.#codes.look(column, selection, length, ids) : length
    if (unknown === 0) return 0
    hashes = roomFor(length)
    hashRows(columns, selection, length, hashes)
    if (coded) return unknown
    let missing = this.#table.candidates(hashes, length, ids)
    for (let c = 0; c < columns.length; c++) missing += this.#columns[c].verify(columns[c], selection, length, ids)
    return missing
  }

  #learn(columns: readonly Column[], row: number, id: number): void {
    const column = columns[0]
    if (columns.length === 1 && column.kind === 'dictionary') this.#codes.learn(column, row, id)
  }

  /** Throws if an index in use cannot take these columns. */
  #check(columns: readonly Column[]): void {
    if (this.#ids.awaited > 0) throw new RangeError(`missing keys: ${this.#ids.awaited} ids of a restored index`)
    this.#accept(columns)
  }

  #accept(columns: readonly Column[]): void {
    if (columns.length !== this.#columns.length) {
      throw new RangeError(`invalid key: ${columns.length} columns for ${this.#columns.length}`)
    }
    for (let c = 0; c < columns.length; c++) this.#columns[c].check(columns[c])
  }

  #search(columns: readonly Column[], row: number, hash: number): number {
    const slots = this.#table.slotsOf(hash)
    const mask = slots.length - 1
    for (let at = (hash << 1) & mask; slots[at + 1] !== 0; at = (at + 2) & mask) {
      if (slots[at] === hash && this.#holds(slots[at + 1] - 1, columns, row)) return slots[at + 1] - 1
    }
    return -1
  }

  #holds(id: number, columns: readonly Column[], row: number): boolean {
    for (let c = 0; c < columns.length; c++) if (!this.#columns[c].equals(id, columns[c], row)) return false
    return true
  }

  /** The id of a physical row's key; if it is new, `placed`, or else the next free id. */
  #upsert(columns: readonly Column[], row: number, hash: number, placed = -1): number {
    const slots = this.#table.roomFor(hash)
    const mask = slots.length - 1
    let at = (hash << 1) & mask
    for (; slots[at + 1] !== 0; at = (at + 2) & mask) {
      if (slots[at] === hash && this.#holds(slots[at + 1] - 1, columns, row)) return slots[at + 1] - 1
    }
    const id = placed >= 0 ? placed : this.#take()
    for (let c = 0; c < columns.length; c++) this.#columns[c].put(id, columns[c], row)
    this.#table.insert(hash, id, slots, at)
    return id
  }

  #take(): number {
    if (this.#ids.dense && this.#ids.highWater === this.#capacity) this.#growAll()
    const id = this.#ids.take()
    this.onTaken?.(id)
    return id
  }

  /** Nearly full, an array a call is doubled before it must be: at millions of keys, all at once is a long pause. */
  #growAhead(): void {
    if (this.#ids.highWater > this.#capacity * (15 / 16) && this.#capacity < this.#maxKeys) this.#growOne()
  }

  #growAll(): void {
    if (this.#capacity >= this.#maxKeys) throw tooMany(this.#maxKeys)
    const before = this.#capacity
    while (this.#capacity === before) this.#growOne()
  }

  /** Doubles the next part, and with the last of them the capacity. */
  #growOne(): void {
    this.#parts[this.#ahead++].grow(this.#capacity * 2)
    if (this.#ahead < this.#parts.length) return
    this.#ahead = 0
    this.#capacity *= 2
  }

  #growTo(capacity: number): void {
    for (const part of this.#parts) part.grow(capacity)
    this.#capacity = capacity
  }
}

function tooMany(maxKeys: number): RangeError {
  return new RangeError(`invalid key state: more than ${maxKeys} keys in one operator. Raise the parallelism`)
}

function roomFor(length: number): Int32Array<ArrayBuffer> {
  return length <= hashes.length ? hashes : new Int32Array(length)
}
