/**
 * Rows to CSV (RFC 4180, lines ended by LF). Quoted is text that holds a delimiter, quote or line break, that is empty,
 * or that would be read as absent; so absent and empty differ, and what is read back is what was written. Times are ISO
 * 8601 in UTC; opaque values their text if they are strings, else their JSON.
 */
import { type Batch, type Column, type Dictionary, decodeUtf8, isValid, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { showText } from '../../reject.ts'
import { jsonText } from '../json-lines/json-text.ts'
import type { ByteSink } from '../sink/byte-sink.ts'
import type { RowEncoder } from '../sink/row-file-writer.ts'
import { forEachRow } from '../sink/selected-rows.ts'
import { timeText } from '../sink/time-text.ts'
import { isWellFormed } from '../well-formed.ts'

const LF = 10
const CR = 13
const QUOTE = 34

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
  /** Per column: the fields of the dictionary seen last, by code. */
  readonly #known: { dictionary: Dictionary | null; fields: (Uint8Array | undefined)[] }[]

  constructor(layout: CsvLayout, schema: Schema) {
    this.#layout = layout
    this.#schema = schema
    this.#known = schema.fields.map(() => ({ dictionary: null, fields: [] }))
  }

  begin(out: ByteSink): void {
    const { changelog, delimiter, header } = this.#layout
    if (!header) return
    const names = this.#schema.fields.map(f => f.name)
    for (const [i, name] of (changelog ? [...names, 'weight'] : names).entries()) {
      if (i > 0) out.byte(delimiter)
      this.#text(name, out)
    }
    out.byte(LF)
  }

  encode(batch: Batch, out: ByteSink): void {
    const { changelog, delimiter } = this.#layout
    const { columns } = batch
    forEachRow(batch, changelog, (row, weight) => {
      for (let c = 0; c < columns.length; c++) {
        if (c > 0) out.byte(delimiter)
        this.#field(columns[c]!, c, row, out)
      }
      if (changelog) {
        out.byte(delimiter)
        out.ascii(String(weight))
      }
      out.byte(LF)
    })
  }

  #field(column: Column, c: number, row: number, out: ByteSink): void {
    if (column.kind === 'any') return this.#any(column.values[row], out)
    if (!isValid(column.validity, row)) return out.text(this.#layout.nullText)
    switch (column.kind) {
      case 'dictionary': {
        const bytes = this.#knownField(column.dictionary, column.codes[row]!, c)
        return out.bytes(bytes, 0, bytes.length)
      }
      case 'utf8':
        return this.#text(decodeUtf8(column.heap, column.starts[row]!, column.lengths[row]!), out)
      case 'boolean':
        return out.ascii(column.values[row] === 0 ? 'false' : 'true')
      case 'double':
        return out.ascii(this.#number(column.values[row]!, this.#schema.fields[c]!.type.kind === 'timestamp'))
      default:
        return out.ascii(String(column.values[row]))
    }
  }

  #number(value: number, isTime: boolean): string {
    if (isTime) return timeText(value)
    return Object.is(value, -0) ? '-0' : String(value)
  }

  #any(value: unknown, out: ByteSink): void {
    if (value === null || value === undefined) out.text(this.#layout.nullText)
    else this.#text(typeof value === 'string' ? value : jsonText(value), out)
  }

  #knownField(dictionary: Dictionary, code: number, c: number): Uint8Array {
    let known = this.#known[c]!
    if (known.dictionary !== dictionary) this.#known[c] = known = { dictionary, fields: [] }
    return (known.fields[code] ??= Buffer.from(this.#quoted(dictionary.values[code]!)))
  }

  #text(text: string, out: ByteSink): void {
    out.text(this.#quoted(text))
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
