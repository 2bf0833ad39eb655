/**
 * The reader of everything that is parsed from bytes: it keeps the window filled, and knows the offset, which is a byte
 * of the (decompressed) content and the lines before it.
 */
import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json, SplitReader } from '@millrace/runtime'
import type { ByteInput } from './byte-input.ts'
import { ByteWindow } from './byte-window.ts'

export interface Position {
  readonly byte: number
  /** Lines before it. */
  readonly line: number
}

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
  #ended = false

  constructor(input: ByteInput, parser: RecordParser, fromByte: number) {
    this.#input = input
    this.#parser = parser
    this.#window = new ByteWindow(fromByte)
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    const window = this.#window
    for (;;) {
      while (window.length > 0) {
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
    return { byte: this.#window.position, line: this.#parser.lines }
  }

  close(): Promise<void> {
    return this.#input.close()
  }
}

/** The position that an offset of a `ByteReader` names; the beginning if there is none. */
export function positionOf(offset: Json | undefined): Position {
  if (offset === undefined) return { byte: 0, line: 0 }
  const { byte, line } = offset as Partial<Record<string, Json>>
  if (typeof byte === 'number' && typeof line === 'number') return { byte, line }
  throw new MillraceError('INVALID_ARGUMENT', `invalid offset: ${JSON.stringify(offset)}`)
}

/** The error of a record that no end was found of. */
export function rowTooLong(at: string, maxRowBytes: number): MillraceError {
  return new MillraceError('ROW_LIMIT', `invalid row: longer than ${maxRowBytes} bytes`, {
    at,
    hint: 'Set maxRowBytes if rows are meant to be that long; otherwise a line break or closing quote is missing.',
  })
}
