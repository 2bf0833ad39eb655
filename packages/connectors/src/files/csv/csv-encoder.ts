/**
 * Rows to CSV (RFC 4180, lines ended by LF). Quoted is text that holds a delimiter, quote or line break, that is empty,
 * or that would be read as absent; so absent and empty differ, and what is read back is what was written. Times are ISO
 * 8601 in UTC; opaque values their text if they are strings, else their JSON.
 */
import type { AnyColumn, Batch, Column, Field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { showText } from '../../reject.ts'
import { jsonText } from '../json-lines/json-text.ts'
import type { ByteSink } from '../sink/byte-sink.ts'
import { type CellFrame, type Cells, CellWriter } from '../sink/cell-writer.ts'
import { plainCells, plainKind } from '../sink/plain-cells.ts'
import type { RowEncoder } from '../sink/row-body.ts'
import { SelectedRows } from '../sink/selected-rows.ts'
import { DictionaryCells, type TextStyle, Utf8Cells } from '../sink/text-cells.ts'
import { isWellFormed } from '../well-formed.ts'

const LF = 10
const CR = 13
const QUOTE = 34
/** Begins what may be half a surrogate pair. */
const SURROGATE = 0xed

export interface CsvLayout {
  readonly label: string
  readonly delimiter: number
  readonly nullText: string
  readonly header: boolean
  readonly changelog: boolean
}

export class CsvEncoder implements RowEncoder {
  readonly #layout: CsvLayout
  readonly #schema: Schema
  readonly #style: TextStyle
  readonly #selected: SelectedRows
  /** Per column, by the kind it had. */
  readonly #cells: Partial<Record<Column['kind'], Cells>>[]

  constructor(layout: CsvLayout, schema: Schema) {
    this.#layout = layout
    this.#schema = schema
    this.#selected = new SelectedRows(layout.changelog)
    this.#cells = schema.fields.map(() => ({}))
    const special = new Uint8Array(256)
    for (const byte of [QUOTE, layout.delimiter, LF, CR, SURROGATE]) special[byte] = 1
    const suspectLength = Buffer.byteLength(layout.nullText)
    this.#style = { special, quote: undefined, quoted: text => this.#quoted(text), suspectLength }
  }

  begin(out: ByteSink): void {
    const { changelog, delimiter, header } = this.#layout
    if (!header) return
    const names = this.#schema.fields.map(f => f.name)
    for (const [i, name] of (changelog ? [...names, 'weight'] : names).entries()) {
      if (i > 0) out.byte(delimiter)
      out.text(this.#quoted(name))
    }
    out.byte(LF)
  }

  encode(batch: Batch, out: ByteSink): void {
    const { changelog, delimiter } = this.#layout
    const cells = batch.columns.map((column, c) => this.#opened(column, c))
    const selected = this.#selected
    selected.select(batch)
    for (let i = 0; i < selected.count; i++) {
      const row = selected.rows[i]!
      for (let c = 0; c < cells.length; c++) cells[c]!.write(row, out)
      if (changelog) {
        out.byte(delimiter)
        out.integer(selected.weights[i]!)
      }
      out.byte(LF)
    }
  }

  #opened(column: Column, c: number): Cells {
    const known = this.#cells[c]!
    known[column.kind] ??= this.#cellsOf(column, this.#schema.fields[c]!, c)
    const cells = known[column.kind]!
    cells.open(column)
    return cells
  }

  #cellsOf({ kind }: Column, field: Field, c: number): Cells {
    const { delimiter, nullText } = this.#layout
    const frame = { prefix: c === 0 ? '' : String.fromCharCode(delimiter), absent: nullText }
    const plain = plainKind(field)
    if (plain !== undefined) return plainCells(plain, frame, false)
    if (kind === 'dictionary') return new DictionaryCells(frame, this.#style)
    return kind === 'utf8' ? new Utf8Cells(frame, this.#style) : new AnyCells(frame, this.#style)
  }

  /** The field of a text, in quotes if need be. */
  #quoted(text: string): string {
    const { delimiter, label, nullText } = this.#layout
    if (!isWellFormed(text))
      throw new MillraceError('INVALID_VALUE', `invalid text: ${showText(text)}`, {
        at: label,
        hint: 'It holds half a surrogate pair, which UTF-8 cannot express.',
      })
    let quotes = text === '' || text === nullText
    for (let i = 0; i < text.length && !quotes; i++) {
      const unit = text.charCodeAt(i)
      quotes = unit === QUOTE || unit === delimiter || unit === LF || unit === CR
    }
    return quotes ? `"${text.replaceAll('"', '""')}"` : text
  }
}

class AnyCells extends CellWriter<AnyColumn> {
  readonly #frame: CellFrame
  readonly #style: TextStyle

  constructor(frame: CellFrame, style: TextStyle) {
    super(frame)
    this.#frame = frame
    this.#style = style
  }
  override write(row: number, out: ByteSink): void {
    const value = this.column.values[row]
    const { prefix, absent } = this.#frame
    if (value === null || value === undefined) out.text(prefix + absent)
    else out.text(prefix + this.#style.quoted(typeof value === 'string' ? value : jsonText(value)))
  }
}
