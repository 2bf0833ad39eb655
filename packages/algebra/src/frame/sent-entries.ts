/**
 * The sending side of one column's edge dictionary: which strings the receiver has, by the code that it has them under.
 *
 * A code of a source's dictionary is looked up in a table of that dictionary's, an array read; only what is not there, and
 * where there are several dictionaries, by its string. Tables are dropped with their dictionaries; a source that makes one for every batch pays for
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
  /** By string: kept from the second dictionary on, since the strings of one are distinct. */
  #codes: Map<string, number> | null = null
  /** The first since it began anew. */
  #first: Dictionary | null = null
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
    const { codes, dictionary } = column
    if (this.#first === null) this.#first = dictionary
    else if (this.#first !== dictionary && this.#codes === null) this.#codes = this.#codesOf(this.#first)
    const table = this.#tableOf(dictionary)
    this.#table = table
    if (lookUp(column, selection, length, table, out, at) === 0) return true
    for (let i = 0; i < length; i++) {
      if (out[at + i] >= 0) continue
      const code = codes[selection === null ? i : selection[i]]
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
      this.#codes?.delete(text)
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
    this.#codes = null
    this.#first = null
    this.#tables = new WeakMap()
  }

  #enter(code: number, text: string): boolean {
    let known = this.#codes?.get(text)
    if (known === undefined) {
      known = this.base + this.fresh.length
      if (known >= max.edgeEntries || this.#units + text.length > MAX_UNITS) return false
      this.#units += text.length
      this.fresh.push(text)
      this.#codes?.set(text, known)
    }
    this.#table[code] = known + 1
    this.#entered.push(code)
    return true
  }

  /** What is known of a dictionary, by string. */
  #codesOf(dictionary: Dictionary): Map<string, number> {
    const codes = new Map<string, number>()
    const { values } = dictionary
    const table = this.#tableOf(dictionary)
    for (let code = 0; code < table.length; code++) if (table[code] !== 0) codes.set(values[code], table[code] - 1)
    return codes
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

/** Writes the codes that the table has, 0 for absent rows, and -1 for others. Returns 0 if there are no others. */
function lookUp(
  { codes, validity }: DictionaryColumn,
  selection: Selection,
  length: number,
  table: Int32Array,
  out: Int32Array,
  at: number,
): number {
  let all = 0
  if (validity === null && selection !== null) {
    for (let i = 0; i < length; i++) {
      const code = (table[codes[selection[i]]] - 1) | 0
      out[at + i] = code
      all |= code
    }
    return all >> 31
  }
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    const code = validity === null || isValid(validity, row) ? (table[codes[row]] - 1) | 0 : 0
    out[at + i] = code
    all |= code
  }
  return all >> 31
}
