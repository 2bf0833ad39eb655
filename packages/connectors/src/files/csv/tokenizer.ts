/**
 * Splits CSV (RFC 4180) into fields without making anything of them: for a block of rows, where each wanted field begins
 * and ends. Columns are then parsed one after another from the same bytes, each in a loop of its own.
 *
 * Rows end at LF or CR LF. A field in quotes may hold delimiters, line breaks and doubled quotes; a quote inside a field
 * that does not begin with one is a character like others. Blank lines are no rows (but see `blankIsRow`).
 */
import type { ByteWindow } from '../byte-window.ts'

/** A field's flags. */
export const QUOTED = 1
/** Holds doubled quotes. */
export const DOUBLED = 2
/** Holds bytes beyond ASCII. */
export const BEYOND_ASCII = 4

const LF = 10
const CR = 13
const QUOTE = 34

/** A row that could not be split. */
export interface BadRow {
  readonly start: number
  readonly end: number
  readonly line: number
  /** Where in the row. */
  readonly at: number
  readonly message: string
}

export class CsvTokenizer {
  /** Rows found. */
  rows = 0
  /** Behind the last row. */
  next = 0
  /** Lines consumed, of the whole file. */
  lines: number
  /** Wanted fields, row after row. */
  starts = new Int32Array(0)
  ends = new Int32Array(0)
  flags = new Uint8Array(0)
  /** Per row. */
  rowStarts = new Int32Array(0)
  rowEnds = new Int32Array(0)
  rowLines = new Float64Array(0)
  bad: BadRow[] = []
  /** Wanted fields a row. */
  width = 0
  readonly #delimiter: number
  /** Per field of the file: which of the wanted ones it is, or -1. */
  #slots: Int32Array = new Int32Array(0)
  #blankIsRow = false
  /** Of the quoted field scanned last. */
  #flag = 0

  constructor(delimiter: number, lines: number) {
    this.#delimiter = delimiter
    this.lines = lines
  }

  /**
   * @param slots per field of a row which of the wanted ones it is, or -1
   * @param blankIsRow a blank line is a row of one empty field
   */
  want(slots: Int32Array, width: number, blankIsRow: boolean): void {
    this.#slots = slots
    this.width = width
    this.#blankIsRow = blankIsRow
    this.#allocate(0)
  }

  /** Finds at most `max` whole rows in the window; its byte behind the end is overwritten. */
  run({ bytes, start, end }: ByteWindow, max: number, ended: boolean): void {
    if (max > this.rowStarts.length) this.#allocate(max)
    bytes[end] = LF
    this.bad = []
    this.rows = 0
    let at = start
    while (this.rows < max && at < end) {
      if (!this.#blankIsRow) {
        const behind = bytes[at] === LF ? at + 1 : bytes[at] === CR && bytes[at + 1] === LF ? at + 2 : at
        if (behind > at && (behind <= end || ended)) {
          this.lines++
          at = Math.min(behind, end)
          continue
        }
      }
      const line = this.lines
      const behind = this.#row(bytes, at, end, ended)
      if (behind < 0) {
        this.lines = line
        break
      }
      at = behind
    }
    this.next = at
  }

  /** Scans a row; returns where the next begins, or NOT_YET if the window ends before that is sure. */
  #row(bytes: Uint8Array, start: number, end: number, ended: boolean): number {
    const slots = this.#slots
    const delimiter = this.#delimiter
    const line = this.lines
    const base = this.rows * this.width
    let field = 0
    for (let at = start; ; at++) {
      let fieldStart = at
      let fieldEnd: number
      let flag = 0
      let byte = bytes[at]!
      if (byte === QUOTE && at < end) {
        at = this.#quoted(bytes, at, end, ended)
        if (at === UNCLOSED) return this.#refuse(start, end, line, fieldStart, 'missing closing quote', end)
        if (at === NOT_YET || (at >= end && !ended)) return NOT_YET
        fieldStart++
        fieldEnd = at - 1
        flag = this.#flag
        const carriage = bytes[at] === CR
        if (carriage && ++at >= end && !ended) return NOT_YET
        byte = at < end ? bytes[at]! : LF
        if (byte !== LF && (carriage || byte !== delimiter)) return this.#refuseRest(bytes, start, end, ended, line, at)
      } else {
        let all = 0
        for (; byte !== delimiter && byte !== LF; byte = bytes[++at]!) all |= byte
        if (at >= end && !ended) return NOT_YET
        fieldEnd = byte === LF && at > fieldStart && bytes[at - 1] === CR ? at - 1 : at
        if ((all & 0x80) !== 0) flag = BEYOND_ASCII
      }
      const slot = field < slots.length ? slots[field]! : -1
      if (slot >= 0) {
        this.starts[base + slot] = fieldStart
        this.ends[base + slot] = fieldEnd
        this.flags[base + slot] = flag
      }
      field++
      if (byte === delimiter) continue
      this.lines++
      return this.#endRow(bytes, start, Math.min(at, end), line, field, Math.min(at + 1, end))
    }
  }

  #endRow(bytes: Uint8Array, start: number, end: number, line: number, fields: number, next: number): number {
    const textEnd = end > start && bytes[end - 1] === CR ? end - 1 : end
    if (fields !== this.#slots.length) {
      const message = `invalid row: ${fields} fields (expected: ${this.#slots.length})`
      return this.#refuse(start, textEnd, line, start, message, next)
    }
    this.rowStarts[this.rows] = start
    this.rowEnds[this.rows] = textEnd
    this.rowLines[this.rows] = line
    this.rows++
    return next
  }

  /** A field in quotes; returns the position behind the closing one, or why there is none. */
  #quoted(bytes: Uint8Array, start: number, end: number, ended: boolean): number {
    let at = start + 1
    let all = 0
    let flag = QUOTED
    for (; ; at++) {
      const byte = bytes[at]!
      all |= byte
      if (byte === QUOTE && at < end) {
        if (at + 1 >= end && !ended) return NOT_YET
        if (bytes[at + 1] !== QUOTE || at + 1 >= end) break
        flag |= DOUBLED
        at++
      } else if (byte === LF) {
        if (at >= end) return ended ? UNCLOSED : NOT_YET
        this.lines++
      }
    }
    this.#flag = all & 0x80 ? flag | BEYOND_ASCII : flag
    return at + 1
  }

  /** Something follows a closing quote: the rest of the line is refused with it. */
  #refuseRest(bytes: Uint8Array, start: number, end: number, ended: boolean, line: number, at: number): number {
    let behind = at
    while (behind < end && bytes[behind] !== LF) behind++
    if (behind >= end && !ended) return NOT_YET
    this.lines++
    const message = 'invalid row: text behind a closing quote'
    return this.#refuse(start, behind, line, at, message, Math.min(behind + 1, end))
  }

  #refuse(start: number, end: number, line: number, at: number, message: string, next: number): number {
    this.bad.push({ start, end, line, at, message })
    return next
  }

  #allocate(max: number): void {
    const rows = Math.max(max, this.rowStarts.length, 1024)
    this.rowStarts = new Int32Array(rows)
    this.rowEnds = new Int32Array(rows)
    this.rowLines = new Float64Array(rows)
    this.starts = new Int32Array(rows * this.width)
    this.ends = new Int32Array(rows * this.width)
    this.flags = new Uint8Array(rows * this.width)
  }
}

const NOT_YET = -1
const UNCLOSED = -2
