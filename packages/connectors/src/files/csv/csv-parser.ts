/**
 * CSV to batches: a block of rows is split into fields, then each wanted column is parsed from its fields. Rows with a
 * field that does not fit are rejected in their order and left out by a selection.
 */
import { Batch, BatchBuilder, type Field, field, Schema, ValueError } from '@millrace/algebra'
import { type DeclaredRows, InvalidRow, type ReaderContext } from '@millrace/runtime'
import { showText } from '../../reject.ts'
import { passByteOrderMark } from '../byte-order-mark.ts'
import type { Position } from '../byte-position.ts'
import { type RecordParser, rowTooLong } from '../byte-reader.ts'
import type { ByteWindow } from '../byte-window.ts'
import type { Zone } from '../parse/zone.ts'
import { lineAndColumn, shownText } from '../text-position.ts'
import { type BadCell, isNull } from './cells.ts'
import { missingHeader, placesOf } from './header.ts'
import { BigintCells, BooleanCells, type CellColumn, DoubleCells, Int32Cells, TimestampCells } from './number-cells.ts'
import { readHeader } from './read-header.ts'
import { StringCells, TextCells } from './text-cells.ts'
import { CsvTokenizer } from './tokenizer.ts'

export interface CsvSpec {
  readonly file: string
  readonly delimiter: number
  readonly nullText: Uint8Array
  readonly zone: Zone
  readonly maxRowBytes: number
  /** Names of the file's columns; undefined: its first record says them. */
  readonly header: readonly string[] | undefined
  /** Names of all columns that were declared. */
  readonly declared: readonly string[]
  readonly validate: DeclaredRows['validate']
}

interface Rejection {
  readonly start: number
  readonly end: number
  readonly lineStart: number
  readonly line: number
  readonly at: number
  readonly column: string | undefined
  readonly message: string
}

export class CsvParser implements RecordParser {
  readonly #spec: CsvSpec
  readonly #context: ReaderContext
  readonly #tokens: CsvTokenizer
  #columns: readonly CellColumn[] = []
  #fields: readonly Field[] = []
  /** Of rows that a validator returned. */
  #builder: BatchBuilder | undefined
  #headed = false
  /** Bytes that must be there before another attempt: a record is not searched from its beginning with every chunk. */
  #needed = 0

  constructor(spec: CsvSpec, { line }: Position, context: ReaderContext) {
    this.#spec = spec
    this.#context = context
    this.#tokens = new CsvTokenizer(spec.delimiter, line)
    if (spec.header !== undefined) this.#setHeader(spec.header)
  }

  get lines(): number {
    return this.#tokens.lines
  }

  parse(window: ByteWindow, maxRows: number, ended: boolean): Batch | null {
    if (window.length < this.#needed && !ended) return null
    if (!this.#headed && !this.#takeHeader(window, ended)) return this.#needMore(window)
    if (window.position === 0) {
      if (window.length < 3 && !ended) return null
      passByteOrderMark(window, this.#spec.file)
    }
    const tokens = this.#tokens
    tokens.run(window, maxRows, ended)
    if (tokens.next === window.start) return this.#needMore(window)
    const { maxRowBytes } = this.#spec
    for (let row = 0; row < tokens.rows; row++)
      if (tokens.rowEnds[row]! - tokens.rowStarts[row]! > maxRowBytes) this.#tooLong(tokens.rowLines[row]!)
    const batch = this.#batch(window.bytes)
    window.start = tokens.next
    this.#needed = 0
    return batch
  }

  end(): void {
    if (!this.#headed) throw missingHeader(this.#spec.file)
  }

  #takeHeader(window: ByteWindow, ended: boolean): boolean {
    const header = readHeader(window, this.#spec.delimiter, this.#spec.file, ended)
    if (header === undefined) return false
    this.#tokens.lines += header.lines
    this.#setHeader(header.names)
    return true
  }

  #setHeader(header: readonly string[]): void {
    const { validate, declared, file, zone } = this.#spec
    // a validator sees all columns, as strings
    this.#fields = validate === undefined ? this.#context.schema.fields : header.map(name => field(name, 'any'))
    this.#columns = this.#fields.map(f => cellColumn(f, zone))
    const wanted = this.#fields.map(f => f.name)
    const places = placesOf(header, declared, wanted, `${file}:1:1`)
    const only = this.#fields.length === 1 && header.length === 1 ? this.#fields[0] : undefined
    this.#tokens.want(places, wanted.length, only?.nullable === true)
    this.#headed = true
  }

  #needMore(window: ByteWindow): null {
    if (window.length > this.#spec.maxRowBytes) this.#tooLong(this.lines)
    this.#needed = window.length * 2
    return null
  }

  #tooLong(linesBefore: number): never {
    throw rowTooLong(`${this.#spec.file}:${linesBefore + 1}:1`, this.#spec.maxRowBytes)
  }

  #batch(bytes: Uint8Array): Batch {
    const tokens = this.#tokens
    const bad: BadCell[] = []
    const cells = { tokens, nullText: this.#spec.nullText, bad }
    for (let slot = 0; slot < this.#columns.length; slot++) this.#columns[slot]!.parse(bytes, slot, cells)
    const rejections = tokens.bad.map(row => ({ ...row, lineStart: row.start, column: undefined }) as Rejection)
    let selection: Int32Array | null = null
    if (bad.length > 0) {
      const kept = new Uint8Array(tokens.rows).fill(1)
      bad.sort((a, b) => a.row - b.row || tokens.starts[this.#cell(a)]! - tokens.starts[this.#cell(b)]!)
      for (const cell of bad) {
        if (kept[cell.row] === 1) rejections.push(this.#rejectionOf(bytes, cell))
        kept[cell.row] = 0
      }
      selection = Int32Array.from({ length: tokens.rows }, (_, row) => row).filter(row => kept[row] === 1)
    }
    const columns = this.#columns.map(column => column.build())
    const { validate } = this.#spec
    const schema = validate === undefined ? this.#context.schema : Schema.record(this.#fields)
    const batch = new Batch(schema, columns, selection?.length ?? tokens.rows, selection)
    const result = validate === undefined ? batch : this.#validated(batch, validate, rejections)
    this.#reject(bytes, rejections)
    return result
  }

  #cell({ row, slot }: BadCell): number {
    return row * this.#tokens.width + slot
  }

  #validated(batch: Batch, validate: (row: unknown) => unknown, rejections: Rejection[]): Batch {
    this.#builder ??= new BatchBuilder(this.#context.schema)
    const builder = this.#builder
    builder.clear()
    for (let i = 0; i < batch.length; i++) {
      const row = batch.selection?.[i] ?? i
      try {
        builder.append(validate(batch.row(i)))
      } catch (error) {
        if (!(error instanceof InvalidRow || error instanceof ValueError)) throw error
        const at = this.#tokens.rowStarts[row]!
        rejections.push({ ...this.#rowAt(row), at, column: undefined, message: `invalid row: ${error.message}` })
      }
    }
    return builder.build()
  }

  #rowAt(row: number): Pick<Rejection, 'start' | 'end' | 'lineStart' | 'line'> {
    const { rowStarts, rowEnds, rowLines } = this.#tokens
    return { start: rowStarts[row]!, end: rowEnds[row]!, lineStart: rowStarts[row]!, line: rowLines[row]! }
  }

  #rejectionOf(bytes: Uint8Array, bad: BadCell): Rejection {
    const { starts, ends } = this.#tokens
    const cell = this.#cell(bad)
    const text = shownText(bytes, starts[cell]!, ends[cell]!)
    const absent = bad.missing || isNull({ tokens: this.#tokens, nullText: EMPTY, bad: [] }, bytes, cell)
    const message = absent ? `missing ${bad.expected}` : `invalid ${bad.expected}: ${showText(text)}${bad.hint}`
    return { ...this.#rowAt(bad.row), at: starts[cell]!, column: this.#fields[bad.slot]!.name, message }
  }

  #reject(bytes: Uint8Array, rejections: Rejection[]): void {
    rejections.sort((a, b) => a.start - b.start)
    for (const { start, end, lineStart, line, at, column, message } of rejections) {
      const position = `${this.#spec.file}:${lineAndColumn(bytes, lineStart, line + 1, at)}`
      this.#context.reject({
        at: column === undefined ? position : `${position} (column ${JSON.stringify(column)})`,
        message,
        text: shownText(bytes, start, end),
      })
    }
  }
}

const EMPTY = new Uint8Array(0)

function cellColumn(column: Field, zone: Zone): CellColumn {
  switch (column.type.kind) {
    case 'int32':
      return new Int32Cells(column)
    case 'double':
      return new DoubleCells(column)
    case 'timestamp':
      return new TimestampCells(column, zone)
    case 'bigint':
      return new BigintCells(column)
    case 'boolean':
      return new BooleanCells(column)
    case 'text':
      return new TextCells(column)
    case 'any':
      return new StringCells(column)
  }
}
