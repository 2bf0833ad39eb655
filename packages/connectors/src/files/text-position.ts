/** Text of a file as errors show it. */
import { isUtf8 } from 'node:buffer'

/** The text of bytes, with U+FFFD for what is no UTF-8: for messages only. */
export function shownText(bytes: Uint8Array, start: number, end: number): string {
  return buffer(bytes, start, end).toString('utf8')
}

/** The text of bytes; undefined if they are no UTF-8. */
export function exactText(bytes: Uint8Array, start: number, end: number): string | undefined {
  const part = buffer(bytes, start, end)
  return isUtf8(part) ? part.toString('utf8') : undefined
}

export function isText(bytes: Uint8Array, start: number, end: number): boolean {
  return isUtf8(bytes.subarray(start, end))
}

function buffer(bytes: Uint8Array, start: number, end: number): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)
}

/** The line and column, from 1 and in UTF-16 units as editors count, of a byte behind the beginning of a line. */
export function lineAndColumn(bytes: Uint8Array, lineStart: number, line: number, at: number): string {
  let start = lineStart
  let lines = line
  for (let i = lineStart; i < at; i++) {
    if (bytes[i] !== 10) continue
    lines++
    start = i + 1
  }
  return `${lines}:${shownText(bytes, start, at).length + 1}`
}
