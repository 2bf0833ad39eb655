import { Batch } from '@millrace/algebra'
import type { ReaderContext } from '@millrace/runtime'
import { passByteOrderMark } from '../byte-order-mark.ts'
import type { Position } from '../byte-position.ts'
import type { RecordParser } from '../byte-reader.ts'
import type { ByteWindow } from '../byte-window.ts'
import { TextColumn } from '../columns/text-column.ts'
import { LineScanner } from '../line-scanner.ts'
import { isText, shownText } from '../text-position.ts'

/** Lines of text as they are. */
export class TextParser implements RecordParser {
  lines: number
  readonly #name: string
  readonly #context: ReaderContext
  readonly #scanner: LineScanner
  readonly #column = new TextColumn()

  constructor(name: string, maxRowBytes: number, { line }: Position, context: ReaderContext) {
    this.#name = name
    this.lines = line
    this.#context = context
    this.#scanner = new LineScanner(name, maxRowBytes)
  }

  parse(window: ByteWindow, maxRows: number, ended: boolean): Batch | null {
    if (window.position === 0) {
      if (window.length < 3 && !ended) return null
      passByteOrderMark(window, this.#name)
    }
    const scanner = this.#scanner
    const count = scanner.scan(window, maxRows, ended, this.lines)
    if (count === 0) return null
    const { bytes } = window
    const column = this.#column
    column.clear()
    const valid = isText(bytes, window.start, scanner.next)
    for (let i = 0; i < count; i++) {
      const start = scanner.starts[i]!
      const end = scanner.ends[i]!
      if (valid || isText(bytes, start, end)) column.append(bytes, start, end)
      else this.#reject(this.lines + i + 1, shownText(bytes, start, end))
    }
    window.start = scanner.next
    this.lines += count
    return new Batch(this.#context.schema, [column.build()], column.length)
  }

  #reject(line: number, text: string): void {
    this.#context.reject({ at: `${this.#name}:${line}:1`, message: 'invalid text: not UTF-8', text })
  }
}
