/**
 * Rows to JSON Lines. Absent values are `null`, times ISO 8601 in UTC; what else JSON cannot say is said as `json-text.ts`
 * has it. In a changelog each object has a `weight`; a row that is no object is then the property `value`.
 */
import { type Batch, type Column, type Dictionary, decodeUtf8, isValid, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { ByteSink } from '../sink/byte-sink.ts'
import type { RowEncoder } from '../sink/row-file-writer.ts'
import { forEachRow } from '../sink/selected-rows.ts'
import { timeText } from '../sink/time-text.ts'
import { jsonBigint, jsonNumber, jsonText } from './json-text.ts'

const LF = 10
const QUOTE = 34

export class JsonEncoder implements RowEncoder {
  readonly #schema: Schema
  readonly #changelog: boolean
  /** Per column what stands before its value. */
  readonly #keys: readonly Uint8Array[]
  readonly #known: { dictionary: Dictionary | null; texts: (Uint8Array | undefined)[] }[]

  constructor(schema: Schema, changelog: boolean) {
    this.#schema = schema
    this.#changelog = changelog
    this.#keys = schema.fields.map(({ name }, i) => Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`))
    this.#known = schema.fields.map(() => ({ dictionary: null, texts: [] }))
  }

  begin(): void {}

  encode(batch: Batch, out: ByteSink): void {
    const { columns } = batch
    const changelog = this.#changelog
    forEachRow(batch, changelog, (row, weight) => {
      if (this.#schema.bare) this.#bareRow(columns[0]!, row, weight, out)
      else {
        for (let c = 0; c < columns.length; c++) {
          const key = this.#keys[c]!
          out.bytes(key, 0, key.length)
          this.#value(columns[c]!, c, row, out)
        }
        out.ascii(
          changelog ? `${columns.length === 0 ? '{' : ','}"weight":${weight}}` : columns.length === 0 ? '{}' : '}',
        )
      }
      out.byte(LF)
    })
  }

  #bareRow(column: Column, row: number, weight: number, out: ByteSink): void {
    if (!this.#changelog) return this.#value(column, 0, row, out)
    const value = column.get(row)
    const text = column.kind === 'any' ? jsonText(value) : undefined
    if (text?.startsWith('{')) {
      if (Object.hasOwn(value as object, 'weight'))
        throw new MillraceError(
          'COLUMN_CLASH',
          'invalid row to write: it has a property "weight", as the changelog adds',
        )
      out.text(`${text.slice(0, -1)}${text === '{}' ? '' : ','}"weight":${weight}}`)
      return
    }
    out.ascii('{"value":')
    this.#value(column, 0, row, out)
    out.ascii(`,"weight":${weight}}`)
  }

  #value(column: Column, c: number, row: number, out: ByteSink): void {
    if (column.kind === 'any') return out.text(jsonText(column.values[row] ?? null))
    if (!isValid(column.validity, row)) return out.ascii('null')
    switch (column.kind) {
      case 'dictionary': {
        const text = this.#knownText(column.dictionary, column.codes[row]!, c)
        return out.bytes(text, 0, text.length)
      }
      case 'utf8':
        return writeString(column.heap, column.starts[row]!, column.lengths[row]!, out)
      case 'boolean':
        return out.ascii(column.values[row] === 0 ? 'false' : 'true')
      case 'bigint':
        return out.ascii(jsonBigint(column.values[row]!))
      case 'int32':
        return out.ascii(String(column.values[row]))
      case 'double':
        if (this.#schema.fields[c]!.type.kind === 'timestamp') return out.ascii(jsonTime(column.values[row]!))
        return out.ascii(jsonNumber(column.values[row]!))
    }
  }

  #knownText(dictionary: Dictionary, code: number, c: number): Uint8Array {
    let known = this.#known[c]!
    if (known.dictionary !== dictionary) this.#known[c] = known = { dictionary, texts: [] }
    return (known.texts[code] ??= Buffer.from(JSON.stringify(dictionary.values[code]!)))
  }
}

function jsonTime(ms: number): string {
  const text = timeText(ms)
  return text.endsWith('Z') ? `"${text}"` : text
}

/** A string from a heap: copied as it is unless something in it must be escaped. */
function writeString(heap: Int32Array, word: number, length: number, out: ByteSink): void {
  const bytes = new Uint8Array(heap.buffer, heap.byteOffset + word * 4, length)
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!
    // 0xed begins what may be half a surrogate pair
    if (byte < 0x20 || byte === QUOTE || byte === 0x5c || byte === 0xed)
      return out.text(JSON.stringify(decodeUtf8(heap, word, length)))
  }
  out.byte(QUOTE)
  out.bytes(bytes, 0, length)
  out.byte(QUOTE)
}
