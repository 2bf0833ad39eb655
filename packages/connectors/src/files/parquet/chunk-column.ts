/**
 * A column of a Parquet file, decoded a batch at a time. Its pages come from the chunk of one row group after another; a
 * batch never spans two pages of a column, so that each has one encoding.
 */
import { bitmapBytes, type Column, type Field, type Validity } from '@millrace/algebra'
import type { ColumnMetaData } from './library.ts'
import { type DataPage, PageReader } from './page-reader.ts'
import { RleDecoder } from './rle-decoder.ts'

/** A value that does not fit, in a row of the batch taken last. */
export interface BadValue {
  readonly row: number
  readonly field: Field
  /** As the error shows it; undefined: it is absent. */
  readonly shown: string | undefined
}

export abstract class ChunkColumn {
  readonly field: Field
  /** Rows left of the current page. */
  rowsLeft = 0
  /** Of the batch taken last. */
  bad: BadValue[] = []
  /** Codes of the values present in a batch, while pages are dictionary-coded. */
  protected codes = new Int32Array(1024)
  readonly #optional: boolean
  #pages: PageReader | undefined
  #presence: RleDecoder | null = null
  /** Per row of the batch 1 where present; only if some are not. */
  #present = new Int32Array(1024)
  #coded: RleDecoder | null = null

  constructor(field: Field, optional: boolean) {
    this.field = field
    this.#optional = optional
  }

  /** Begins the chunk of a row group. */
  open(bytes: Uint8Array, { codec }: ColumnMetaData): void {
    this.#pages = new PageReader(bytes, codec, this.#optional)
    this.rowsLeft = 0
  }

  /** Decompresses the next page of data; what is expensive happens here. */
  nextPage(): void {
    for (;;) {
      const page = this.#pages!.next()
      if (page.kind === 'dictionary') this.setDictionary(page.values, page.count)
      else return this.#begin(page)
    }
  }

  /** The next `rows` rows, at most `rowsLeft`; valid until the next call. */
  take(rows: number): Column {
    this.bad = []
    if (rows > this.codes.length) {
      this.codes = new Int32Array(rows)
      this.#present = new Int32Array(rows)
    }
    this.rowsLeft -= rows
    const all = this.#presence === null ? 1 : this.#presence.takeRun(rows)
    if (all === 1) return this.#filled(rows)
    if (all === 0) this.#present.fill(0, 0, rows)
    else this.#presence!.read(this.#present, 0, rows)
    return this.#withAbsent(rows)
  }

  protected abstract setDictionary(values: Uint8Array, count: number): void
  /** Takes up a page that is not dictionary-coded, with so many values. */
  protected abstract setValues(values: Uint8Array, encoding: string, count: number): void
  /** A column of the next values, given by `codes` where the page is dictionary-coded. */
  protected abstract column(values: number, coded: boolean): Column
  /** The same column with its values moved to where `present` is 1. */
  protected abstract spread(column: Column, rows: number, present: Int32Array, validity: Validity): Column

  protected unfit(row: number, shown: string): void {
    this.bad.push({ row, field: this.field, shown })
  }

  #begin({ rows, presence, encoding, values }: DataPage): void {
    this.rowsLeft = rows
    this.#presence = presence
    this.#coded = null
    if (encoding === 'PLAIN_DICTIONARY' || encoding === 'RLE_DICTIONARY') {
      this.#coded = values.length === 0 ? NO_CODES : new RleDecoder(values, 1, values.length, values[0]!)
      return
    }
    this.setValues(values, encoding, presence === null ? rows : countPresent(presence, rows))
    if (presence !== null) this.#presence = presence.restarted()
  }

  #filled(values: number): Column {
    if (this.#coded !== null) this.#coded.read(this.codes, 0, values)
    return this.column(values, this.#coded !== null)
  }

  #withAbsent(rows: number): Column {
    const present = this.#present
    const validity = new Uint8Array(bitmapBytes(rows))
    let values = 0
    for (let row = 0; row < rows; row++) {
      values += present[row]!
      validity[row >>> 3]! |= present[row]! << (row & 7)
    }
    const column = this.#filled(values)
    if (this.bad.length > 0) this.#moveBad(present, rows)
    if (!this.field.nullable)
      for (let row = 0; row < rows; row++)
        if (present[row] === 0) this.bad.push({ row, field: this.field, shown: undefined })
    return this.spread(column, rows, present, validity)
  }

  /** Bad values were found by their place among those present. */
  #moveBad(present: Int32Array, rows: number): void {
    const rowOf: number[] = []
    for (let row = 0; row < rows; row++) if (present[row] === 1) rowOf.push(row)
    this.bad = this.bad.map(bad => ({ ...bad, row: rowOf[bad.row]! }))
  }
}

const NO_CODES = new RleDecoder(new Uint8Array(0), 0, 0, 0)

function countPresent(presence: RleDecoder, rows: number): number {
  const buffer = new Int32Array(1024)
  let count = 0
  for (let done = 0; done < rows; ) {
    const step = Math.min(buffer.length, rows - done)
    const run = presence.takeRun(step)
    if (run >= 0) count += run * step
    else {
      presence.read(buffer, 0, step)
      for (let i = 0; i < step; i++) count += buffer[i]!
    }
    done += step
  }
  return count
}
