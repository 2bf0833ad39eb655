/**
 * A text column filled from bytes. As everywhere at the edge (see algebra's text builder), text is a dictionary while
 * it repeats: given up for good when, after `TRIAL_ROWS` rows, more than half of all rows brought a new string, or when
 * the dictionary is full. Rows of the batch in hand are then recoded.
 */
import { type Column, DictionaryColumn, Utf8Column, writeUtf8 } from '@millrace/algebra'
import { ByteDictionary } from './byte-dictionary.ts'
import { ByteHeap } from './byte-heap.ts'
import { ValidityBits } from './validity-bits.ts'

const TRIAL_ROWS = 1024

export class TextColumn {
  length = 0
  #rowsBefore = 0
  /** Codes while there is a dictionary, then start words. */
  #words = new Int32Array(1024)
  #lengths = new Int32Array(0)
  #dictionary: ByteDictionary | null = new ByteDictionary()
  readonly #heap = new ByteHeap(0)
  #scratch = new Uint8Array(0)
  readonly #validity = new ValidityBits()

  /** Appends bytes; what they say must be given unless they are valid UTF-8. */
  append(bytes: Uint8Array, start: number, end: number, text?: string): void {
    if (this.length === this.#words.length) this.#grow()
    if (this.#dictionary !== null) {
      const code = this.#suited() ? this.#dictionary.code(bytes, start, end, text) : -1
      if (code >= 0) {
        this.#words[this.length++] = code
        return
      }
      this.#giveUpDictionary(this.#dictionary)
    }
    this.#lengths[this.length] = end - start
    this.#words[this.length++] = this.#heap.append(bytes, start, end)
  }
  /** Appends any text, half surrogate pairs kept. */
  appendText(text: string): void {
    if (text.length * 3 > this.#scratch.length) this.#scratch = new Uint8Array(text.length * 3)
    this.append(this.#scratch, 0, writeUtf8(this.#scratch, 0, text), text)
  }
  appendAbsent(): void {
    if (this.length === this.#words.length) this.#grow()
    this.#validity.setAbsent(this.length)
    this.#words[this.length] = 0
    if (this.#dictionary === null) this.#lengths[this.length] = 0
    this.length++
  }
  /** The rows, as a column that is valid until the next change. */
  build(): Column {
    const validity = this.#validity.build(this.length)
    return this.#dictionary !== null
      ? new DictionaryColumn(this.#words, this.#dictionary.dictionary, validity)
      : new Utf8Column(this.#words, this.#lengths, this.#heap.words, validity)
  }
  /** Forgets the rows from `length` on. */
  truncate(length: number): void {
    for (; this.length > length; this.length--) this.#validity.setPresent(this.length - 1)
  }
  clear(): void {
    this.#rowsBefore += this.length
    this.length = 0
    this.#heap.clear()
    this.#validity.clear()
  }

  #suited(): boolean {
    const rows = this.#rowsBefore + this.length
    return rows < TRIAL_ROWS || this.#dictionary!.size * 2 <= rows
  }

  #giveUpDictionary({ starts, lengths, heap, size }: ByteDictionary): void {
    this.#lengths = new Int32Array(this.#words.length)
    for (let row = 0; row < this.length && size > 0; row++) {
      const code = this.#words[row]!
      const from = starts[code]! * 4
      this.#lengths[row] = lengths[code]!
      this.#words[row] = this.#heap.append(heap.bytes, from, from + lengths[code]!)
    }
    this.#dictionary = null
  }

  #grow(): void {
    const words = new Int32Array(this.#words.length * 2)
    words.set(this.#words)
    this.#words = words
    if (this.#dictionary !== null) return
    const lengths = new Int32Array(words.length)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }
}
