/** JSON Lines to batches: one JSON value a line, checked and put into columns, validated, or left as it is. */
import { isAscii, isUtf8 } from 'node:buffer'
import { type Batch, Schema, ValueError } from '@millrace/algebra'
import { InvalidRow, type ReaderContext } from '@millrace/runtime'
import { rejectedBy } from '../../reject.ts'
import { passByteOrderMark } from '../byte-order-mark.ts'
import type { Position } from '../byte-position.ts'
import { type RecordParser, rowTooLong } from '../byte-reader.ts'
import type { ByteWindow } from '../byte-window.ts'
import { latin1 } from '../parse/number.ts'
import { isText, shownText } from '../text-position.ts'
import { type ExactOptions, isSuspect, JsonError, parseExactly } from './exact-json.ts'
import { type JsonRows, jsonRows, type RowsSpec } from './json-rows.ts'
import { ODD } from './scan.ts'

const LF = 10
const CR = 13

export interface JsonSpec extends RowsSpec {
  readonly file: string
  readonly maxRowBytes: number
}

export class JsonParser implements RecordParser {
  lines: number
  readonly #spec: JsonSpec
  readonly #context: ReaderContext
  readonly #rows: JsonRows
  readonly #exact: ExactOptions
  /** Position in the file up to which lines are whole and known to be UTF-8, or not. */
  #checked = 0
  #valid = false
  #ascii = false
  /** Of these lines, if they are ASCII and it was asked for. */
  #text: string | undefined
  #textFrom = 0

  constructor(spec: JsonSpec, { line }: Position, context: ReaderContext) {
    const { fields } = context.schema
    const columnar = !Schema.isOpaque(context.schema)
    this.#spec = spec
    this.lines = line
    this.#context = context
    this.#rows = jsonRows(context.schema, spec)
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
    const whole = this.#wholeLines(window, ended)
    if (whole === window.start) return null
    const { bytes } = window
    const rows = this.#rows
    const { maxRowBytes } = this.#spec
    rows.begin(maxRows)
    let at = window.start
    for (let i = 0; i < maxRows && at < whole; i++) {
      let next = this.#valid ? rows.take(bytes, at) : ODD
      if (next === ODD) next = this.#odd(window, at)
      if (next - at > maxRowBytes && lineEnd(bytes, at, next) - at > maxRowBytes) this.#tooLong()
      this.lines++
      at = Math.min(next, window.end)
    }
    window.start = at
    return rows.build()
  }

  /** Where the whole lines of a window end; they are checked to be UTF-8 as they come in, not line by line. */
  #wholeLines(window: ByteWindow, ended: boolean): number {
    const { bytes, start, end, position } = window
    if (position < this.#checked) return start + this.#checked - position
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
    const whole = ended ? end : start + text.lastIndexOf(LF) + 1
    if (whole === start) {
      if (text.length > this.#spec.maxRowBytes) this.#tooLong()
      return start
    }
    bytes[end] = LF // behind a last line that has none
    const lines = text.subarray(0, whole - start)
    this.#ascii = isAscii(lines)
    this.#valid = this.#ascii || isUtf8(lines)
    this.#text = undefined
    this.#checked = position + whole - start
    return whole
  }

  /** Takes a line that is not plain; returns where the next begins. */
  #odd(window: ByteWindow, start: number): number {
    const { bytes } = window
    const next = bytes.indexOf(LF, start) + 1
    const end = lineEnd(bytes, start, next)
    if (end - start > this.#spec.maxRowBytes) this.#tooLong()
    const text = this.#lineText(window, start, end)
    if (text === '' || text.trim() === '') return next
    const line = this.lines + 1
    if (this.#valid || isText(bytes, start, end)) this.#take(text, line)
    else this.#context.reject({ at: this.#at(line, 0), message: 'invalid text: not UTF-8', text })
    return next
  }

  /** ASCII is decoded for all lines at once: that is twice as fast as one by one. */
  #lineText({ bytes, base }: ByteWindow, start: number, end: number): string {
    if (!this.#ascii) return shownText(bytes, start, end)
    if (this.#text === undefined) {
      this.#textFrom = base + start
      this.#text = latin1(bytes, start, this.#checked - base)
    }
    const from = this.#textFrom - base
    return this.#text.slice(start - from, end - from)
  }

  #tooLong(): never {
    throw rowTooLong(`${this.#spec.file}:${this.lines + 1}:1`, this.#spec.maxRowBytes)
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

/** Without the line break. */
function lineEnd(bytes: Uint8Array, start: number, next: number): number {
  const end = next - 1
  return end > start && bytes[end - 1] === CR ? end - 1 : end
}

function exactly(text: string, options: ExactOptions) {
  try {
    return parseExactly(text, options)
  } catch (error) {
    if (error instanceof JsonError) return error
    throw error
  }
}
