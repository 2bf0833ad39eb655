/**
 * A dictionary's strings as UTF-8 words with their key hashes, by code: made once a dictionary, extended as it
 * grows, and dropped with it. So that dictionary text and plain UTF-8 are hashed and compared alike.
 */
import type { Dictionary } from '../column.ts'
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { tag } from './format.ts'
import { hashWords } from './hash-value.ts'

export class DictionaryText {
  starts = new Int32Array(16)
  lengths = new Int32Array(16)
  hashes = new Int32Array(16)
  heap = new Int32Array(64)
  #codes = 0
  #words = 0

  /** Takes in the strings added since the last call. */
  extend(values: readonly string[]): void {
    for (; this.#codes < values.length; this.#codes++) this.#add(this.#codes, values[this.#codes])
  }

  #add(code: number, text: string): void {
    if (code === this.starts.length) {
      this.starts = grown(this.starts, code * 2)
      this.lengths = grown(this.lengths, code * 2)
      this.hashes = grown(this.hashes, code * 2)
    }
    const start = this.#words
    const length = utf8Length(text)
    this.#words += (length + 3) >>> 2
    if (this.#words > this.heap.length) this.heap = grown(this.heap, Math.max(this.#words, this.heap.length * 2))
    writeUtf8(new Uint8Array(this.heap.buffer), start * 4, text)
    this.starts[code] = start
    this.lengths[code] = length
    this.hashes[code] = hashWords(tag.text, this.heap, start, length)
  }
}

const texts = new WeakMap<Dictionary, DictionaryText>()

/** The dictionary's text, up to date. */
export function dictionaryText(dictionary: Dictionary): DictionaryText {
  let text = texts.get(dictionary)
  if (text === undefined) texts.set(dictionary, (text = new DictionaryText()))
  text.extend(dictionary.values)
  return text
}

function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(length)
  larger.set(array)
  return larger
}
