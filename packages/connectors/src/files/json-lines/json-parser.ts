/** JSON Lines to batches: one JSON value a line, checked and put into columns, validated, or left as it is. */
import { isAscii } from 'node:buffer'
import { AnyColumn, Batch, BatchBuilder, Schema, ValueError } from '@millrace/algebra'
import { type DeclaredRows, InvalidRow, type ReaderContext } from '@millrace/runtime'
import { rejectedBy } from '../../reject.ts'
import { passByteOrderMark } from '../byte-order-mark.ts'
import type { Position, RecordParser } from '../byte-reader.ts'
import type { ByteWindow } from '../byte-window.ts'
import { LineScanner } from '../line-scanner.ts'
import type { Zone } from '../parse/zone.ts'
import { isText } from '../text-position.ts'
import { type ExactOptions, isSuspect, JsonError, parseExactly } from './exact-json.ts'
import { type FromJson, fromJson } from './json-values.ts'

export interface JsonSpec {
  readonly file: string
  readonly maxRowBytes: number
  readonly zone: Zone
  readonly validate: DeclaredRows['validate']
}

export class JsonParser implements RecordParser {
  lines: number
  readonly #spec: JsonSpec
  readonly #context: ReaderContext
  readonly #scanner: LineScanner
  readonly #rows: RowTaker
  readonly #exact: ExactOptions

  constructor(spec: JsonSpec, { line }: Position, context: ReaderContext) {
    const { fields } = context.schema
    const columnar = !Schema.isOpaque(context.schema)
    this.#spec = spec
    this.lines = line
    this.#context = context
    this.#scanner = new LineScanner(spec.file, spec.maxRowBytes)
    this.#rows = rowTaker(context.schema, spec)
    this.#exact = {
      wanted: columnar && spec.validate === undefined ? new Set(fields.map(f => f.name)) : undefined,
      bigints: new Set(fields.filter(f => f.type.kind === 'bigint').map(f => f.name)),
    }
  }

  parse(window: ByteWindow, maxRows: number, ended: boolean): Batch | null {
    if (window.position === 0) {
      if (window.length < 3 && !ended) return null
      passByteOrderMark(window, this.#spec.file)
    }
    const { starts, ends, ...scanner } = this.#scan(window, maxRows, ended)
    if (scanner.count === 0) return null
    const { bytes, start: first } = window
    const block = Buffer.from(bytes.buffer, bytes.byteOffset + first, scanner.next - first)
    const ascii = isAscii(block) ? block.toString('latin1') : undefined
    const valid = ascii !== undefined || isText(block, 0, block.length)
    this.#rows.clear()
    for (let i = 0; i < scanner.count; i++) {
      const start = starts[i]! - first
      const end = ends[i]! - first
      const text = ascii !== undefined ? ascii.slice(start, end) : block.toString('utf8', start, end)
      if (text === '' || text.trim() === '') continue
      const line = this.lines + i + 1
      if (!valid && !isText(block, start, end))
        this.#context.reject({ at: this.#at(line, 0), message: 'invalid text: not UTF-8', text })
      else this.#take(text, line)
    }
    window.start = scanner.next
    this.lines += scanner.count
    return this.#rows.build()
  }

  #scan(window: ByteWindow, maxRows: number, ended: boolean) {
    const scanner = this.#scanner
    const count = scanner.scan(window, maxRows, ended, this.lines)
    return { count, starts: scanner.starts, ends: scanner.ends, next: scanner.next }
  }

  #take(text: string, line: number): void {
    try {
      this.#rows.append(isSuspect(text) ? parseExactly(text, this.#exact).value : JSON.parse(text))
    } catch (error) {
      this.#context.reject(this.#rejected(error, text, line))
    }
  }

  #rejected(error: unknown, text: string, line: number) {
    if (error instanceof InvalidRow) return rejectedBy(error, this.#at(line, 0), text)
    const exact = error instanceof JsonError ? error : exactly(text, this.#exact)
    if (exact instanceof JsonError) return { at: this.#at(line, exact.position), message: exact.message, text }
    if (!(error instanceof ValueError)) throw error
    return rejectedBy(error, this.#at(line, exact.positions.get(error.column) ?? 0), text)
  }

  #at(line: number, position: number): string {
    return `${this.#spec.file}:${line}:${position + 1}`
  }
}

function exactly(text: string, options: ExactOptions) {
  try {
    return parseExactly(text, options)
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
}

/** Where parsed values go. */
interface RowTaker {
  append(value: unknown): void
  build(): Batch
  clear(): void
}

function rowTaker(schema: Schema, { validate, zone }: JsonSpec): RowTaker {
  if (validate !== undefined) return new ValidatedRows(schema, validate)
  return Schema.isOpaque(schema) ? new OpaqueRows(schema) : new ColumnRows(schema, zone)
}

class ColumnRows implements RowTaker {
  readonly #builder: BatchBuilder
  readonly #names: readonly string[]
  /** Per column: every object inherits a property of that name. */
  readonly #inherited: readonly boolean[]
  readonly #convert: readonly (FromJson | undefined)[]

  constructor(schema: Schema, zone: Zone) {
    this.#builder = new BatchBuilder(schema)
    this.#names = schema.fields.map(f => f.name)
    this.#inherited = this.#names.map(name => name in Object.prototype)
    this.#convert = schema.fields.map(f => fromJson(f, zone))
  }

  append(value: unknown): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new ValueError('', value, 'object with a property a column')
    const record = value as Record<string, unknown>
    const builder = this.#builder
    const { columns } = builder
    try {
      for (let c = 0; c < columns.length; c++) {
        const name = this.#names[c]!
        const given = this.#inherited[c] && !Object.hasOwn(record, name) ? null : (record[name] ?? null)
        columns[c]!.append(this.#convert[c]?.(given) ?? given)
      }
      builder.endRow()
    } catch (error) {
      builder.abandonRow()
      throw error
    }
  }
  build(): Batch {
    return this.#builder.build()
  }
  clear(): void {
    this.#builder.clear()
  }
}

class OpaqueRows implements RowTaker {
  readonly #schema: Schema
  #values: unknown[] = []

  constructor(schema: Schema) {
    this.#schema = schema
  }
  append(value: unknown): void {
    this.#values.push(value)
  }
  build(): Batch {
    return new Batch(this.#schema, [new AnyColumn(this.#values)], this.#values.length)
  }
  clear(): void {
    this.#values = []
  }
}

class ValidatedRows implements RowTaker {
  readonly #builder: BatchBuilder
  readonly #validate: NonNullable<DeclaredRows['validate']>

  constructor(schema: Schema, validate: NonNullable<DeclaredRows['validate']>) {
    this.#builder = new BatchBuilder(schema)
    this.#validate = validate
  }
  append(value: unknown): void {
    this.#builder.append(this.#validate(value))
  }
  build(): Batch {
    return this.#builder.build()
  }
  clear(): void {
    this.#builder.clear()
  }
}
