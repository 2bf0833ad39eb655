/**
 * Text comes out as a dictionary column while it repeats, and as plain UTF-8 once it does not. The rule, once and for
 * all batches of a builder: the dictionary grows over batches; it is given up when, after `TRIAL_ROWS` rows, more than
 * half of all rows brought a new string, or when it would pass `DICTIONARY_ENTRIES` strings or `DICTIONARY_UNITS`
 * UTF-16 units. Rows of the batch in hand are then recoded, columns handed out before keep their dictionary.
 */
import { type Column, Dictionary, DictionaryColumn, Utf8Column } from '../column.ts'
import type { Field } from '../schema.ts'
import { ValueError } from '../value-error.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { Utf8Heap } from './utf8-heap.ts'
import { ValidityBuilder } from './validity-builder.ts'

const TRIAL_ROWS = 1024
const DICTIONARY_ENTRIES = 1 << 16
const DICTIONARY_UNITS = 1 << 20

export class TextBuilder implements ColumnBuilder {
  length = 0
  readonly #field: Field
  readonly #validity: ValidityBuilder
  /** Codes while there is a dictionary, then start words. */
  #words: Int32Array
  #lengths: Int32Array = new Int32Array(0)
  #heap: Utf8Heap | null = null
  #dictionary: Dictionary | null = new Dictionary()
  #codes = new Map<string, number>()
  #units = 0
  /** Rows that the dictionary has seen before this batch. */
  #rowsBefore = 0

  constructor(field: Field, capacity: number) {
    this.#field = field
    this.#validity = new ValidityBuilder(field)
    this.#words = new Int32Array(capacity)
  }

  append(value: unknown): void {
    if (typeof value === 'string') {
      if (this.length === this.#words.length) this.#grow()
      if (this.#heap === null) {
        const code = this.#codes.get(value)
        if (code !== undefined) this.#words[this.length++] = code
        else this.#appendNew(value)
      } else this.#appendUtf8(this.#heap, value)
    } else if (value === null || value === undefined) this.appendNull()
    else throw new ValueError(this.#field.name, value, 'text')
  }
  appendNull(): void {
    this.#validity.setAbsent(this.length)
    if (this.length === this.#words.length) this.#grow()
    this.#words[this.length] = 0
    if (this.#heap !== null) this.#lengths[this.length] = 0
    this.length++
  }
  truncate(length: number): void {
    this.#validity.truncate(length, this.length)
    this.length = length
  }
  build(): Column {
    const validity = this.#validity.build(this.length)
    return this.#heap === null
      ? new DictionaryColumn(this.#words, this.#dictionary!, validity)
      : new Utf8Column(this.#words, this.#lengths, this.#heap.words, validity)
  }
  take(): Column {
    const column = this.build()
    this.#words = new Int32Array(this.#words.length)
    if (this.#heap !== null) {
      this.#lengths = new Int32Array(this.#words.length)
      this.#heap = new Utf8Heap(this.#heap.used)
    }
    this.#validity.take(this.length)
    this.#rowsBefore += this.length
    this.length = 0
    return column
  }
  clear(): void {
    this.#validity.clear()
    this.#heap?.clear()
    this.#rowsBefore += this.length
    this.length = 0
  }

  #appendNew(value: string): void {
    const dictionary = this.#dictionary!
    const entries = dictionary.values.length
    const rows = this.#rowsBefore + this.length
    const unsuited = rows >= TRIAL_ROWS && entries * 2 > rows
    if (unsuited || entries === DICTIONARY_ENTRIES || this.#units + value.length > DICTIONARY_UNITS) {
      this.#appendUtf8(this.#giveUpDictionary(dictionary), value)
      return
    }
    const kept = detached(value)
    this.#units += kept.length
    this.#codes.set(kept, entries)
    dictionary.values.push(kept)
    this.#words[this.length++] = entries
  }

  /** Recodes the rows in hand; rows with the same string share its bytes. */
  #giveUpDictionary(dictionary: Dictionary): Utf8Heap {
    const heap = new Utf8Heap(this.length * 4)
    const starts = new Int32Array(this.#words.length)
    const lengths = new Int32Array(this.#words.length)
    const firstRow = new Map<number, number>()
    for (let row = 0; row < this.length; row++) {
      const code = this.#words[row]
      const seen = firstRow.get(code)
      if (seen !== undefined) {
        starts[row] = starts[seen]
        lengths[row] = lengths[seen]
      } else if (dictionary.values.length > 0) {
        lengths[row] = heap.append(dictionary.values[code])
        starts[row] = heap.start
        firstRow.set(code, row)
      }
    }
    this.#words = starts
    this.#lengths = lengths
    this.#dictionary = null
    this.#codes = new Map()
    return (this.#heap = heap)
  }

  #appendUtf8(heap: Utf8Heap, value: string): void {
    this.#lengths[this.length] = heap.append(value)
    this.#words[this.length++] = heap.start
  }

  #grow(): void {
    const length = Math.max(16, this.#words.length * 2)
    const words = new Int32Array(length)
    words.set(this.#words)
    this.#words = words
    if (this.#heap === null) return
    const lengths = new Int32Array(length)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }
}

/** The same string, without the text it may be a slice of: a parser's chunk must not live as long as a dictionary. */
function detached(text: string): string {
  return ` ${text}`.slice(1)
}
