/**
 * The reader of everything that is parsed from bytes: it keeps the window filled, and knows the offset, which is a byte
 * of the (decompressed) content, the lines before it, and a checksum by which a file that was replaced is found out.
 */
import { crc32 } from 'node:zlib'
import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json, SplitReader } from '@millrace/runtime'
import type { ByteInput } from './byte-input.ts'
import { beginningFor, invalidOffset, type Position } from './byte-position.ts'
import { ByteWindow } from './byte-window.ts'

export interface RecordParser {
  /** Lines consumed so far, of the whole file. */
  readonly lines: number
  /**
   * Parses and consumes whole records, at most `maxRows`, from the window; null: it needs more bytes. When `ended`,
   * there are no more: what is left is a record. Batches may be empty, where all records were rejected.
   */
  parse(window: ByteWindow, maxRows: number, ended: boolean): Batch | null
  /** Called when everything is consumed; throws if something is missing. */
  end?(): void
}

export class ByteReader implements SplitReader {
  readonly #input: ByteInput
  readonly #parser: RecordParser
  readonly #window: ByteWindow
  readonly #file: string
  /** Where it goes on, until the bytes before that have come. */
  #resumed: Position | undefined
  #ended = false

  /** @param input from where `beginningFor` the position says */
  constructor(input: ByteInput, parser: RecordParser, file: string, position: Position) {
    this.#input = input
    this.#parser = parser
    this.#file = file
    this.#window = new ByteWindow(beginningFor(position))
    if (position.byte > 0) this.#resumed = position
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    const window = this.#window
    for (;;) {
      if (this.#resumed !== undefined) this.#pass(this.#resumed)
      while (this.#resumed === undefined && window.length > 0) {
        const batch = this.#parser.parse(window, maxRows, this.#ended)
        if (batch === null) break
        if (batch.length > 0) return batch
      }
      if (this.#ended) {
        if (window.length > 0) throw new MillraceError('INTERNAL', `invalid parser: ${window.length} bytes left over`)
        this.#parser.end?.()
        return 'end'
      }
      const chunk = this.#input.next()
      if (chunk === 'wait') return 'wait'
      if (chunk === 'end') this.#ended = true
      else window.append(chunk)
    }
  }

  offset(): Json {
    if (this.#resumed === undefined)
      return { byte: this.#window.position, line: this.#parser.lines, crc: crc32(this.#window.passed) }
    const { byte, line, crc } = this.#resumed
    return crc === undefined ? { byte, line } : { byte, line, crc }
  }

  /** Passes over what is before the position, if it is there. Throws a MillraceError if it is not what it was. */
  #pass({ byte, crc }: Position): void {
    const window = this.#window
    const before = byte - window.position
    if (window.length < before) {
      if (!this.#ended) return
      const size = window.base + window.end - this.#input.missing
      throw invalidOffset(this.#file, byte, `it has ${size} bytes`)
    }
    window.start += before
    this.#resumed = undefined
    if (crc !== undefined && crc32(window.passed) !== crc)
      throw invalidOffset(this.#file, byte, 'what is before it has changed')
  }

  close(): Promise<void> {
    return this.#input.close()
  }
}

/** The error of a record that no end was found of. */
export function rowTooLong(at: string, maxRowBytes: number): MillraceError {
  return new MillraceError('ROW_LIMIT', `invalid row: longer than ${maxRowBytes} bytes`, {
    at,
    hint: 'Set maxRowBytes if rows are meant to be that long; otherwise a line break or closing quote is missing.',
  })
}
