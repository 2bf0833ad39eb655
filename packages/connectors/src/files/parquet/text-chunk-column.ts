/**
 * Columns of text. Where the file has a dictionary its codes are kept: they are mapped to those of one dictionary that lives
 * as long as the file is read, up to `ENTRIES`; a chunk that would pass that becomes views into its dictionary's bytes.
 */
import { isAscii } from 'node:buffer'
import { type Column, Dictionary, DictionaryColumn, decodeUtf8, Utf8Column, type Validity } from '@millrace/algebra'
import { isText, shownText } from '../text-position.ts'
import { ChunkColumn } from './chunk-column.ts'
import type { Unfit } from './convert.ts'
import { type RawTexts, rawTexts } from './raw-values.ts'

const ENTRIES = 1 << 16
const NONE: RawTexts = { heap: new Int32Array(0), starts: new Int32Array(0), lengths: new Int32Array(0) }

export class TextChunkColumn extends ChunkColumn {
  readonly #dictionary = new Dictionary()
  readonly #known = new Map<string, number>()
  /** From the codes of the chunk to those of the dictionary; undefined: the chunk's do not fit in. */
  #mapped: Int32Array | undefined
  #chunk = NONE
  #chunkUnfit: Unfit | undefined
  #page = NONE
  #pageUnfit: Unfit | undefined
  #at = 0
  #out = new Int32Array(1024)
  #outLengths = new Int32Array(1024)

  protected override setDictionary(values: Uint8Array, count: number): void {
    this.#chunk = rawTexts(values, 'PLAIN', count)
    this.#chunkUnfit = unfitOf(this.#chunk)
    this.#mapped = this.#chunkUnfit === undefined ? this.#map(this.#chunk) : undefined
  }

  protected override setValues(values: Uint8Array, encoding: string, count: number): void {
    this.#page = rawTexts(values, encoding, count)
    this.#pageUnfit = unfitOf(this.#page)
    this.#at = 0
  }

  protected override column(values: number, coded: boolean): Column {
    if (coded) return this.#coded(values)
    const from = this.#at
    this.#at += values
    for (const [index, shown] of this.#pageUnfit ?? [])
      if (index >= from && index < this.#at) this.unfit(index - from, shown)
    const { starts, lengths, heap } = this.#page
    return new Utf8Column(starts.subarray(from, this.#at), lengths.subarray(from, this.#at), heap)
  }

  protected override spread(column: Column, rows: number, present: Int32Array, validity: Validity): Column {
    if (column.kind === 'dictionary')
      return new DictionaryColumn(spread(column.codes, rows, present), column.dictionary, validity)
    const { starts, lengths, heap } = column as Utf8Column
    return new Utf8Column(spread(starts, rows, present), spread(lengths, rows, present), heap, validity)
  }

  #coded(values: number): Column {
    const { codes } = this
    const { starts, lengths, heap } = this.#chunk
    if (values > this.#out.length) {
      this.#out = new Int32Array(values)
      this.#outLengths = new Int32Array(values)
    }
    const out = this.#out
    const size = starts.length
    for (let i = 0; i < values; i++)
      if (codes[i]! >>> 0 >= size) throw new RangeError(`a code of ${codes[i]! >>> 0} for a dictionary of ${size}`)
    const mapped = this.#mapped
    if (mapped !== undefined) {
      for (let i = 0; i < values; i++) out[i] = mapped[codes[i]!]!
      return new DictionaryColumn(out, this.#dictionary)
    }
    const outLengths = this.#outLengths
    for (let i = 0; i < values; i++) {
      const code = codes[i]!
      out[i] = starts[code]!
      outLengths[i] = lengths[code]!
      const shown = this.#chunkUnfit?.get(code)
      if (shown !== undefined) this.unfit(i, shown)
    }
    return new Utf8Column(out, outLengths, heap)
  }

  /** Undefined if the dictionary would become too large. */
  #map({ heap, starts, lengths }: RawTexts): Int32Array | undefined {
    const { values } = this.#dictionary
    if (starts.length > ENTRIES - values.length) return undefined
    const mapped = new Int32Array(starts.length)
    for (let code = 0; code < starts.length; code++) {
      const text = decodeUtf8(heap, starts[code]!, lengths[code]!)
      let known = this.#known.get(text)
      if (known === undefined) {
        known = values.length
        values.push(text)
        this.#known.set(text, known)
      }
      mapped[code] = known
    }
    return mapped
  }
}

function spread(from: Int32Array, rows: number, present: Int32Array): Int32Array {
  const to = new Int32Array(rows)
  for (let row = 0, value = 0; row < rows; row++) if (present[row] === 1) to[row] = from[value++]!
  return to
}

/** Byte strings that are no UTF-8; undefined: all are. */
function unfitOf({ heap, starts, lengths }: RawTexts): Unfit | undefined {
  const bytes = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength)
  if (isAscii(bytes)) return undefined
  const unfit: Unfit = new Map()
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i]! * 4
    if (!isText(bytes, start, start + lengths[i]!))
      unfit.set(i, `${JSON.stringify(shownText(bytes, start, start + Math.min(lengths[i]!, 80)))} (not UTF-8)`)
  }
  return unfit.size > 0 ? unfit : undefined
}
