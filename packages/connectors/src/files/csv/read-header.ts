/** The first record of a CSV file, which names its columns. */
import { MillraceError } from '@millrace/plan'
import { passByteOrderMark } from '../byte-order-mark.ts'
import { rowTooLong } from '../byte-reader.ts'
import { ByteWindow } from '../byte-window.ts'
import type { Compression } from '../compression.ts'
import { prefixOf } from '../prefix.ts'
import { exactText } from '../text-position.ts'
import { checkHeader, missingHeader } from './header.ts'

export interface Header {
  readonly names: readonly string[]
  /** Lines it takes, blank ones before it included. */
  readonly lines: number
}

const LF = 10
const CR = 13
const QUOTE = 34
const FIRST_BYTES = 64 * 1024

/**
 * Reads and consumes the header at the beginning of a window; undefined if more bytes are needed.
 * Throws a MillraceError if it is none.
 */
export function readHeader(window: ByteWindow, delimiter: number, file: string, ended: boolean): Header | undefined {
  if (window.position === 0) {
    if (window.length < 3 && !ended) return undefined
    passByteOrderMark(window, file)
  }
  const { bytes, end } = window
  let lines = 0
  let at = window.start
  for (; at < end && (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)); at++)
    if (bytes[at] === LF) lines++
  const names: string[] = []
  for (; ; at++) {
    if (at >= end && !ended) return undefined
    const field = readField(bytes, at, end, delimiter)
    if (field.end >= end && !ended) return undefined
    if (field.text === undefined)
      throw new MillraceError('INVALID_FORMAT', 'invalid header: not UTF-8', { at: `${file}:${lines + 1}:1` })
    names.push(field.text)
    lines += field.lines
    at = field.end
    if (at < end && bytes[at] === delimiter) continue
    if (at < end && bytes[at] !== LF)
      throw new MillraceError('INVALID_FORMAT', 'invalid header: text behind a closing quote', {
        at: `${file}:${lines + 1}:1`,
      })
    break
  }
  if (names.length === 1 && names[0] === '') throw missingHeader(file)
  window.start = Math.min(at + 1, end)
  return { names: checkHeader(names, `${file}:${lines + 1}:1`), lines: lines + 1 }
}

interface HeaderField {
  readonly text: string | undefined
  /** Where the delimiter or line break behind it is. */
  readonly end: number
  readonly lines: number
}

function readField(bytes: Uint8Array, start: number, end: number, delimiter: number): HeaderField {
  let at = start
  let lines = 0
  if (bytes[start] !== QUOTE || start >= end) {
    while (at < end && bytes[at] !== delimiter && bytes[at] !== LF) at++
    const last = at > start && bytes[at - 1] === CR && (at === end || bytes[at] === LF) ? at - 1 : at
    return { text: exactText(bytes, start, last), end: at, lines }
  }
  for (at = start + 1; at < end; at++) {
    if (bytes[at] === LF) lines++
    if (bytes[at] !== QUOTE) continue
    if (bytes[at + 1] !== QUOTE || at + 1 >= end) break
    at++
  }
  const text = exactText(bytes, start + 1, at)?.replaceAll('""', '"')
  at++
  if (at < end && bytes[at] === CR) at++
  return { text, end: at, lines }
}

/** The header of a file, read synchronously. Throws a MillraceError if there is none. */
export function headerOf(file: string, compression: Compression, delimiter: number, maxRowBytes: number): Header {
  for (let length = FIRST_BYTES; ; length *= 4) {
    const { bytes, whole } = prefixOf(file, compression, length)
    const window = new ByteWindow()
    window.append(bytes)
    const header = readHeader(window, delimiter, file, whole)
    if (header !== undefined) return header
    if (bytes.length > maxRowBytes) throw rowTooLong(`${file}:1:1`, maxRowBytes)
  }
}
