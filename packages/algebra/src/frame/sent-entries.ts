/**
 * The sending side of one column's edge dictionary: which strings the receiver has, by the code that it has them under.
 *
 * A code of a source's dictionary is looked up in a table of that dictionary's, an array read; only the first time in
 * the string's own. Tables are dropped with their dictionaries; a source that makes one for every batch pays for
 * its size once, as it did to make it.
 *
 * What a frame adds counts when `keep` says that the frame goes out; `undo` takes it back.
 */
import { type Dictionary, type DictionaryColumn, isValid } from '../column.ts'
import type { Selection } from '../dense.ts'
import { max } from './layout.ts'

/** UTF-16 units of all entries: beyond them, as beyond the number that a frame can count, a column is sent plain. */
const MAX_UNITS = 1 << 20

export class SentEntries {
  /** Entries that frames before this one have brought. */
  base = 0
  /** What this frame adds, in the order of its codes. */
  fresh: string[] = []
  #codes = new Map<string, number>()
  /** By dictionary and code: 1 + the code here, 0 where not known. */
  #tables = new WeakMap<Dictionary, Int32Array>()
  #units = 0
  #closed = false
  /** What this frame has entered into a table: to be taken out again if it does not go. */
  #table: Int32Array = new Int32Array(0)
  #entered: number[] = []

  /**
   * Writes the rows' codes to `out`. False if there are too many strings: until it begins anew the column is sent
   * without this.
   */
  recode(column: DictionaryColumn, selection: Selection, length: number, out: Int32Array, at: number): boolean {
    if (this.#closed) return false
    const { codes, dictionary, validity } = column
    const table = this.#tableOf(dictionary)
    this.#table = table
    for (let i = 0; i < length; i++) {
      const row = selection === null ? i : selection[i]
      if (validity !== null && !isValid(validity, row)) {
        out[at + i] = 0
        continue
      }
      const code = codes[row]
      if (table[code] === 0 && !this.#enter(code, dictionary.values[code])) {
        this.undo()
        this.#closed = true
        return false
      }
      out[at + i] = table[code] - 1
    }
    return true
  }

  /** The frame goes out. */
  keep(): void {
    if (this.fresh.length > 0) {
      this.base += this.fresh.length
      this.fresh = []
    }
    this.#entered.length = 0
  }

  /** The frame does not. */
  undo(): void {
    for (const text of this.fresh) {
      this.#codes.delete(text)
      this.#units -= text.length
    }
    for (const code of this.#entered) this.#table[code] = 0
    this.fresh = []
    this.#entered.length = 0
  }

  /** Begins anew: the next frame depends on none before it. */
  restart(): void {
    this.#closed = false
    this.#units = 0
    this.base = 0
    this.#codes = new Map()
    this.#tables = new WeakMap()
  }

  #enter(code: number, text: string): boolean {
    let known = this.#codes.get(text)
    if (known === undefined) {
      known = this.base + this.fresh.length
      if (known >= max.edgeEntries || this.#units + text.length > MAX_UNITS) return false
      this.#units += text.length
      this.fresh.push(text)
      this.#codes.set(text, known)
    }
    this.#table[code] = known + 1
    this.#entered.push(code)
    return true
  }

  #tableOf(dictionary: Dictionary): Int32Array {
    const known = this.#tables.get(dictionary)
    const entries = dictionary.values.length
    if (known !== undefined && known.length >= entries) return known
    const table = new Int32Array(known === undefined ? entries : entries * 2)
    if (known !== undefined) table.set(known)
    this.#tables.set(dictionary, table)
    return table
  }
}
