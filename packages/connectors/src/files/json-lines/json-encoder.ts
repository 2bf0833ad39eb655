/**
 * Rows to JSON Lines. Absent values are `null`, times ISO 8601 in UTC; what else JSON cannot say is said as `json-text.ts`
 * has it. In a changelog each object has a `weight`; a row that is no object is then the property `value`.
 */
import type { AnyColumn, Batch, Column, Field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { ByteSink } from '../sink/byte-sink.ts'
import { type CellFrame, type Cells, CellWriter } from '../sink/cell-writer.ts'
import { plainCells, plainKind } from '../sink/plain-cells.ts'
import type { RowEncoder } from '../sink/row-body.ts'
import { SelectedRows } from '../sink/selected-rows.ts'
import { DictionaryCells, type TextStyle, Utf8Cells } from '../sink/text-cells.ts'
import { jsonText } from './json-text.ts'

const LF = 10
const QUOTE = 34
const OPEN = 123
const CLOSE = 125

const special = new Uint8Array(256).fill(1, 0, 32)
for (const byte of [QUOTE, 0x5c, 0xed]) special[byte] = 1 // 0xed begins what may be half a surrogate pair

const style: TextStyle = { special, quote: QUOTE, quoted: JSON.stringify, suspectLength: -1 }

export class JsonEncoder implements RowEncoder {
  readonly #schema: Schema
  readonly #changelog: boolean
  readonly #selected: SelectedRows
  /** Per column, by the kind it had. */
  readonly #cells: Partial<Record<Column['kind'], Cells>>[]

  constructor(schema: Schema, changelog: boolean) {
    this.#schema = schema
    this.#changelog = changelog
    this.#selected = new SelectedRows(changelog)
    this.#cells = schema.fields.map(() => ({}))
  }

  begin(): void {}

  encode(batch: Batch, out: ByteSink): void {
    const cells = batch.columns.map((column, c) => this.#opened(column, c))
    const selected = this.#selected
    selected.select(batch)
    const { bare } = this.#schema
    for (let i = 0; i < selected.count; i++) {
      const row = selected.rows[i]!
      if (this.#changelog) this.#change(batch, cells, row, selected.weights[i]!, out)
      else {
        if (cells.length === 0) out.byte(OPEN)
        for (let c = 0; c < cells.length; c++) cells[c]!.write(row, out)
        if (!bare) out.byte(CLOSE)
      }
      out.byte(LF)
    }
  }

  #change(batch: Batch, cells: readonly Cells[], row: number, weight: number, out: ByteSink): void {
    if (this.#schema.bare) return this.#bareChange(batch.columns[0]!, cells[0]!, row, weight, out)
    for (const cell of cells) cell.write(row, out)
    out.ascii(`${cells.length === 0 ? '{' : ','}"weight":${weight}}`)
  }

  #bareChange(column: Column, cells: Cells, row: number, weight: number, out: ByteSink): void {
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
    cells.write(row, out)
    out.ascii(`,"weight":${weight}}`)
  }

  #opened(column: Column, c: number): Cells {
    const known = this.#cells[c]!
    known[column.kind] ??= this.#cellsOf(column, this.#schema.fields[c]!, c)
    const cells = known[column.kind]!
    cells.open(column)
    return cells
  }

  #cellsOf({ kind }: Column, field: Field, c: number): Cells {
    const prefix = this.#schema.bare ? '' : `${c === 0 ? '{' : ','}${JSON.stringify(field.name)}:`
    const frame = { prefix, absent: 'null' }
    const plain = plainKind(field)
    if (plain !== undefined) return plainCells(plain, frame, true)
    if (kind === 'dictionary') return new DictionaryCells(frame, style)
    return kind === 'utf8' ? new Utf8Cells(frame, style) : new AnyCells(frame)
  }
}

class AnyCells extends CellWriter<AnyColumn> {
  readonly #prefix: string

  constructor(frame: CellFrame) {
    super(frame)
    this.#prefix = frame.prefix
  }
  override write(row: number, out: ByteSink): void {
    out.text(this.#prefix + jsonText(this.column.values[row] ?? null))
  }
}
