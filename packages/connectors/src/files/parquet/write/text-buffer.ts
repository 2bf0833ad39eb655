import {
  type Column,
  type Dictionary,
  type DictionaryColumn,
  decodeUtf8,
  isValid,
  type Utf8Column,
} from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { showText } from '../../../reject.ts'
import { ByteDictionary } from '../../columns/byte-dictionary.ts'
import { ByteHeap } from '../../columns/byte-heap.ts'
import { isText } from '../../text-position.ts'
import { isWellFormed } from '../../well-formed.ts'
import { codeWidth, packedRun } from './bits.ts'
import { type Bounds, ColumnBuffer, type Rows } from './column-buffer.ts'

const PAGE_BYTES = 1 << 20
const PAGE_CODES = 1 << 18

/**
 * Text, as codes into a dictionary while it fits one and repeats, otherwise plain. A row group that turns out not to
 * repeat is recoded when it is written.
 */
export class TextBuffer extends ColumnBuffer {
  #dictionary: ByteDictionary | null = new ByteDictionary()
  /** Codes; without a dictionary where each text begins in the heap. */
  #words = new Int32Array(1024)
  #lengths = new Int32Array(0)
  #heap = new ByteHeap(0)
  /** Of the stream's dictionary seen last: its codes in this one's, -1 where not known yet. */
  #source: Dictionary | null = null
  #codes = new Int32Array(0)

  get bytes(): number {
    return this.count * 4 + (this.#dictionary?.heap ?? this.#heap).used * 4
  }

  dictionary(): { values: Uint8Array; count: number } | undefined {
    const size = this.#dictionary?.size ?? 0
    if (this.#dictionary !== null && (size === 0 || size * 2 > this.count + 64)) this.#giveUp(this.#dictionary)
    if (this.#dictionary === null) return undefined
    const { heap, starts, lengths } = this.#dictionary
    return { values: plain(heap.bytes, starts, lengths, 0, size), count: size }
  }
  pageEnd(from: number): number {
    if (this.#dictionary !== null) return Math.min(this.count, from + PAGE_CODES)
    let end = from
    for (let bytes = 0; end < this.count && (end === from || bytes < PAGE_BYTES); end++)
      bytes += this.#lengths[end]! + 4
    return end
  }
  encode(from: number, to: number): Uint8Array {
    if (this.#dictionary === null) return plain(this.#heap.bytes, this.#words, this.#lengths, from, to)
    const width = codeWidth(this.#dictionary.size)
    const run = packedRun(this.#words, from, to, width)
    const bytes = new Uint8Array(run.length + 1)
    bytes[0] = width
    bytes.set(run, 1)
    return bytes
  }
  /** Of dictionaries only: comparing every text would cost more than it saves. Code points order as bytes of UTF-8 do. */
  bounds(): Bounds | undefined {
    if (this.#dictionary === null || this.count === 0) return undefined
    const { heap, starts, lengths, size } = this.#dictionary
    const bytes = (code: number) => heap.bytes.subarray(starts[code]! * 4, starts[code]! * 4 + lengths[code]!)
    let min = 0
    let max = 0
    for (let code = 1; code < size; code++) {
      if (Buffer.compare(bytes(code), bytes(min)) < 0) min = code
      if (Buffer.compare(bytes(code), bytes(max)) > 0) max = code
    }
    const { values } = this.#dictionary.dictionary
    return { min: values[min]!, max: values[max]! }
  }

  protected override take(column: Column, rows: Rows): void {
    this.#reserve(rows.count)
    if (column.kind === 'dictionary') this.#takeCodes(column, rows)
    else this.#takeBytes(column as Utf8Column, rows)
  }
  protected override forget(): void {
    this.#dictionary = new ByteDictionary()
    this.#heap = new ByteHeap(0)
    this.#source = null
  }

  #takeCodes({ codes, dictionary, validity }: DictionaryColumn, { list, count }: Rows): void {
    if (this.#source !== dictionary || this.#codes.length < dictionary.values.length) {
      const known = this.#source === dictionary ? this.#codes : new Int32Array(0)
      this.#codes = new Int32Array(dictionary.values.length * 2).fill(-1)
      this.#codes.set(known)
      this.#source = dictionary
    }
    for (let i = 0; i < count; i++) {
      const row = list[i]!
      if (validity !== null && !isValid(validity, row)) continue
      const code = codes[row]!
      const known = this.#codes[code]!
      if (known >= 0 && this.#dictionary !== null) this.#words[this.count++] = known
      else {
        const text = dictionary.values[code]!
        if (!isWellFormed(text)) throw this.#notText(text)
        const bytes = Buffer.from(text)
        this.#appendBytes(bytes, 0, bytes.length)
        if (this.#dictionary !== null) this.#codes[code] = this.#words[this.count - 1]!
      }
    }
  }

  #takeBytes({ starts, lengths, heap, validity }: Utf8Column, { list, count }: Rows): void {
    const bytes = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength)
    for (let i = 0; i < count; i++) {
      const row = list[i]!
      if (validity !== null && !isValid(validity, row)) continue
      const start = starts[row]! * 4
      const end = start + lengths[row]!
      if (!isPlainAscii(bytes, start, end) && !isText(bytes, start, end))
        throw this.#notText(decodeUtf8(heap, starts[row]!, lengths[row]!))
      this.#appendBytes(bytes, start, end)
    }
  }

  #appendBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.#dictionary !== null) {
      const code = this.#dictionary.code(bytes, start, end)
      if (code >= 0) {
        this.#words[this.count++] = code
        return
      }
      this.#giveUp(this.#dictionary)
    }
    this.#lengths[this.count] = end - start
    this.#words[this.count++] = this.#heap.append(bytes, start, end)
  }

  #giveUp({ heap, starts, lengths }: ByteDictionary): void {
    this.#lengths = new Int32Array(this.#words.length)
    this.#heap = heap // texts may share their bytes
    for (let i = 0; i < this.count; i++) {
      const code = this.#words[i]!
      this.#lengths[i] = lengths[code]!
      this.#words[i] = starts[code]!
    }
    this.#dictionary = null
  }

  #reserve(more: number): void {
    if (this.count + more > this.#words.length) this.#words = grown(this.#words, this.count + more)
    if (this.#dictionary === null && this.#lengths.length < this.#words.length)
      this.#lengths = grown(this.#lengths, this.#words.length / 2)
  }

  #notText(text: string): MillraceError {
    return new MillraceError('INVALID_VALUE', `invalid text: ${showText(text)}`, {
      at: `column ${JSON.stringify(this.field.name)}`,
      hint: 'It holds half a surrogate pair, which UTF-8 cannot express.',
    })
  }
}

/** Each text preceded by its length in four bytes. */
function plain(heap: Uint8Array, starts: Int32Array, lengths: Int32Array, from: number, to: number): Uint8Array {
  let size = 0
  for (let i = from; i < to; i++) size += 4 + lengths[i]!
  const bytes = new Uint8Array(size)
  const view = new DataView(bytes.buffer)
  let at = 0
  for (let i = from; i < to; i++) {
    const length = lengths[i]!
    view.setUint32(at, length, true)
    bytes.set(heap.subarray(starts[i]! * 4, starts[i]! * 4 + length), at + 4)
    at += 4 + length
  }
  return bytes
}

function isPlainAscii(bytes: Uint8Array, start: number, end: number): boolean {
  let all = 0
  for (let i = start; i < end; i++) all |= bytes[i]!
  return all < 0x80
}

function grown(array: Int32Array, needed: number): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(Math.max(1024, needed * 2))
  twice.set(array)
  return twice
}
