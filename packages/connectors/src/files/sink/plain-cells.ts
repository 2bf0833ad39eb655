/** Numbers, truth values and times as text. Strict: what JSON has no number for is a string in quotes, times are. */
import type { BigintColumn, BooleanColumn, DoubleColumn, Field, Int32Column } from '@millrace/algebra'
import type { ByteSink } from './byte-sink.ts'
import { type CellFrame, type Cells, CellWriter } from './cell-writer.ts'
import { Stamp } from './stamp.ts'
import { timeText } from './time-text.ts'

type PlainKind = 'int32' | 'double' | 'timestamp' | 'bigint' | 'boolean'

/** @param strict as JSON wants it */
export function plainCells(kind: PlainKind, frame: CellFrame, strict: boolean): Cells {
  switch (kind) {
    case 'int32':
      return new Int32Cells(frame)
    case 'double':
      return new DoubleCells(frame, strict)
    case 'timestamp':
      return new TimeCells(frame, strict)
    case 'bigint':
      return new BigintCells(frame, strict)
    case 'boolean':
      return new BooleanCells(frame)
  }
}

/** Undefined for text and any values, which formats write in their own ways. */
export function plainKind({ type: { kind } }: Field): PlainKind | undefined {
  return kind === 'text' || kind === 'any' ? undefined : kind
}

class Int32Cells extends CellWriter<Int32Column> {
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    out.stamp(this.prefix)
    out.integer(this.column.values[row]!)
  }
}

const TENS = [1, 10, 100, 1000, 10_000]

/**
 * Doubles as JavaScript writes them. Most are integers or have a few decimals: m / 10^k, for the least k that gives the
 * double back. As decimals of at most 15 digits are all different doubles, that is the shortest, and so JavaScript's.
 */
class DoubleCells extends CellWriter<DoubleColumn> {
  readonly #strict: boolean

  constructor(frame: CellFrame, strict: boolean) {
    super(frame)
    this.#strict = strict
  }
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    out.stamp(this.prefix)
    const value = this.column.values[row]!
    const size = Math.abs(value)
    if (!(size < 1e9)) return this.#rare(value, out)
    const whole = Math.floor(size)
    if (whole === size) return Object.is(value, -0) ? out.ascii('-0') : out.integer(value)
    for (let places = 1; places < TENS.length; places++) {
      const scale = TENS[places]!
      const scaled = Math.round(size * scale)
      if (scaled / scale !== size) continue
      if (value < 0) out.byte(MINUS)
      const front = Math.floor(scaled / scale)
      out.integer(front)
      out.byte(DOT)
      return out.digits(scaled - front * scale, places)
    }
    out.ascii(String(value))
  }

  #rare(value: number, out: ByteSink): void {
    if (Number.isSafeInteger(value)) out.integer(value)
    else out.ascii(this.#strict && !Number.isFinite(value) ? `"${value}"` : String(value))
  }
}

const MINUS = 45
const DOT = 46
const QUOTE = 34
const DAY_MS = 86_400_000
const LAST_MS = 8.64e15

const two = (n: number): string => String(n).padStart(2, '0')
/** Four characters of ASCII, or fewer. */
const wordOf = (text: string): number => {
  let word = 0
  for (let i = 0; i < text.length; i++) word |= text.charCodeAt(i) << (8 * i)
  return word
}
const table = (length: number, text: (n: number) => string): Int32Array => {
  const words = new Int32Array(length)
  for (let n = 0; n < length; n++) words[n] = wordOf(text(n))
  return words
}
/** Of the minutes of a day: `hh:m` and `m:`; of seconds `ss.`; of milliseconds `mmmZ`. */
const HOUR = table(1440, n => `${two(Math.floor(n / 60))}:${two(n % 60).slice(0, 1)}`)
const MINUTE = table(1440, n => `${two(n % 60).slice(1)}:`)
const SECOND = table(60, n => `${two(n)}.`)
const MILLIS = table(1000, n => `${String(n).padStart(3, '0')}Z`)

/** As `timeText` has them; the day, which seldom changes from row to row, is kept as bytes. */
class TimeCells extends CellWriter<DoubleColumn> {
  readonly #strict: boolean
  #day = Number.NaN
  /** What stands before the value, and the day, up to the T. */
  #front = new Stamp('')
  readonly #prefixText: string

  constructor(frame: CellFrame, strict: boolean) {
    super(frame)
    this.#strict = strict
    this.#prefixText = frame.prefix
  }
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    const time = this.column.values[row]!
    if (Math.floor(time) !== time || Math.abs(time) > LAST_MS) return this.#rare(time, out)
    const day = Math.floor(time / DAY_MS)
    if (day !== this.#day) this.#setDay(day)
    out.stamp(this.#front)
    const rest = time - day * DAY_MS
    const minutes = Math.floor(rest / 60_000)
    const millis = rest - minutes * 60_000
    const seconds = Math.floor(millis / 1000)
    out.word(HOUR[minutes]!, 4)
    out.word(MINUTE[minutes]!, 2)
    out.word(SECOND[seconds]!, 3)
    out.word(MILLIS[millis - seconds * 1000]!, 4)
    if (this.#strict) out.byte(QUOTE)
  }

  #setDay(day: number): void {
    this.#day = day
    const text = timeText(day * DAY_MS)
    const quote = this.#strict ? '"' : ''
    this.#front = new Stamp(this.#prefixText + quote + text.slice(0, text.indexOf('T') + 1))
  }
  #rare(time: number, out: ByteSink): void {
    const text = timeText(time)
    out.stamp(this.prefix)
    out.ascii(this.#strict && text.endsWith('Z') ? `"${text}"` : text)
  }
}

class BigintCells extends CellWriter<BigintColumn> {
  readonly #strict: boolean

  constructor(frame: CellFrame, strict: boolean) {
    super(frame)
    this.#strict = strict
  }
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    out.stamp(this.prefix)
    const value = this.column.values[row]!
    const number = Number(value)
    if (Number.isSafeInteger(number)) out.integer(number)
    else out.ascii(this.#strict ? `"${value}"` : String(value))
  }
}

const TRUE = new Stamp('true')
const FALSE = new Stamp('false')

class BooleanCells extends CellWriter<BooleanColumn> {
  override write(row: number, out: ByteSink): void {
    if (this.wroteAbsent(row, out)) return
    out.stamp(this.prefix)
    out.stamp(this.column.values[row] === 0 ? FALSE : TRUE)
  }
}
