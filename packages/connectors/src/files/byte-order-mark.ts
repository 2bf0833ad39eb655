import { MillraceError } from '@millrace/plan'
import type { ByteWindow } from './byte-window.ts'

/** At the beginning of a file: passes over the byte-order mark of UTF-8, and refuses UTF-16 by its own. */
export function passByteOrderMark(window: ByteWindow, name: string): void {
  const { bytes, start, length } = window
  const [a, b, c] = [bytes[start], bytes[start + 1], bytes[start + 2]]
  if (length >= 2 && ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)))
    throw new MillraceError('INVALID_FORMAT', 'invalid text: UTF-16', {
      at: `${name}:1:1`,
      hint: 'Files are read as UTF-8; convert this one first.',
    })
  if (length >= 3 && a === 0xef && b === 0xbb && c === 0xbf) window.start += 3
}
