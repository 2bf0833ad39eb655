/**
 * Which id a dictionary's code had last: for a text key that arrives as a dictionary, an array read instead of a
 * hash, a probe and a comparison. An id that was freed since may be another key's by now, so every id has a
 * generation, counted up when it is freed, and a code's entry holds good only for the generation it was made in.
 * Entries are dropped with their dictionary.
 */
import { type Dictionary, type DictionaryColumn, isValid } from '../column.ts'
import { UNKNOWN } from './key-column.ts'

export class CodeIds {
  /** By dictionary: (id + 1, generation) of null and then of each code, (0, -) where not known. */
  #entries = new WeakMap<Dictionary, Int32Array>()
  /** Empty until there is a dictionary. */
  #generations = new Int32Array(0)
  #capacity = 0

  grow(capacity: number): void {
    this.#capacity = capacity
    if (this.#generations.length > 0) this.#allocate()
  }

  #allocate(): void {
    const larger = new Int32Array(this.#capacity)
    larger.set(this.#generations)
    this.#generations = larger
  }

  /** An id was freed: what is known of it no longer holds. */
  forget(id: number): void {
    if (this.#generations.length > 0) this.#generations[id]++
  }

  /** All ids were freed. */
  clear(): void {
    this.#entries = new WeakMap()
  }

  /** `ids[i]` = the id of row i's code, or UNKNOWN; returns how many are. */
  look(column: DictionaryColumn, selection: Int32Array | null, length: number, ids: Int32Array): number {
    const { codes, validity, dictionary } = column
    const entries = this.#entriesOf(dictionary)
    if (this.#generations.length === 0) this.#allocate()
    const generations = this.#generations
    let unknown = 0
    for (let i = 0; i < length; i++) {
      const row = selection === null ? i : selection[i]
      const at = validity === null || isValid(validity, row) ? codes[row] * 2 + 2 : 0
      const id = entries[at] - 1
      const known = id >= 0 && generations[id] === entries[at + 1]
      ids[i] = known ? id : UNKNOWN
      unknown += known ? 0 : 1
    }
    return unknown
  }

  /** A physical row's code has this id. */
  learn(column: DictionaryColumn, row: number, id: number): void {
    const entries = this.#entriesOf(column.dictionary)
    const at = isValid(column.validity, row) ? column.codes[row] * 2 + 2 : 0
    entries[at] = id + 1
    entries[at + 1] = this.#generations[id]
  }

  #entriesOf(dictionary: Dictionary): Int32Array {
    const known = this.#entries.get(dictionary)
    const words = dictionary.values.length * 2 + 2
    if (known !== undefined && known.length >= words) return known
    const entries = new Int32Array(known === undefined ? words : words * 2)
    if (known !== undefined) entries.set(known)
    this.#entries.set(dictionary, entries)
    return entries
  }
}
