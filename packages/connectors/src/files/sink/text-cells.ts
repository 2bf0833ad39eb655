/** Text columns: each string of a dictionary is quoted once, UTF-8 is copied as it is where nothing in it needs quoting. */
import { type Dictionary, type DictionaryColumn, decodeUtf8, type Utf8Column } from '@millrace/algebra'
import type { ByteSink } from './byte-sink.ts'
import { type CellFrame, CellWriter } from './cell-writer.ts'
import { Stamp } from './stamp.ts'

/** How a format writes text. */
export interface TextStyle {
  /** Per byte 1 where UTF-8 that holds it must be looked at as a string. */
  readonly special: Uint8Array
  /** Written around text that holds none of these. */
  readonly quote: number | undefined
  /** The text, quoted if need be. Throws a MillraceError if it cannot be written. */
  quoted(text: string): string
  /** Of a length that must always be looked at; -1: none. */
  readonly suspectLength: number
}

export class DictionaryCells extends CellWriter<DictionaryColumn> {
  readonly #style: TextStyle
  readonly #prefixText: string
  /** By code of the dictionary seen last: what is written, with what stands before it. */
  #known: (Stamp | undefined)[] = []
  #dictionary: Dictionary | undefined

  constructor(frame: CellFrame, style: TextStyle) {
    super(frame)
    this.#style = style
    this.#prefixText = frame.prefix
  }
  override open(column: DictionaryColumn): void {
    super.open(column)
    if (column.dictionary === this.#dictionary) return
    this.#dictionary = column.dictionary
    this.#known = []
  }
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    const code = this.column.codes[row]!
    out.stamp(this.#known[code] ?? this.#quoted(code))
  }

  #quoted(code: number): Stamp {
    const { values } = this.column.dictionary
    while (this.#known.length < values.length) this.#known.push(undefined) // no holes
    const stamp = new Stamp(this.#prefixText + this.#style.quoted(values[code]!))
    this.#known[code] = stamp
    return stamp
  }
}

export class Utf8Cells extends CellWriter<Utf8Column> {
  readonly #style: TextStyle
  #bytes: Uint8Array = new Uint8Array(0)

  constructor(frame: CellFrame, style: TextStyle) {
    super(frame)
    this.#style = style
  }
  override open(column: Utf8Column): void {
    super.open(column)
    const { heap } = column
    this.#bytes = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength)
  }
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    out.stamp(this.prefix)
    const { starts, lengths, heap } = this.column
    const { special, quote, suspectLength } = this.#style
    const bytes = this.#bytes
    const start = starts[row]! * 4
    const length = lengths[row]!
    const end = start + length
    let found = 0
    for (let i = start; i < end; i++) found |= special[bytes[i]!]!
    if (found !== 0 || length === suspectLength || length === 0)
      return out.text(this.#style.quoted(decodeUtf8(heap, starts[row]!, length)))
    if (quote !== undefined) out.byte(quote)
    out.words(heap, starts[row]!, length)
    if (quote !== undefined) out.byte(quote)
  }
}
