/**
 * Checking and decoding WTF-8 of unknown origin: UTF-8 that also has lone surrogates, as three bytes each, and then no
 * high one directly before a low one, which would be a second spelling of a pair.
 */
import { isAscii, isUtf8 } from 'node:buffer'
import { FrameError } from './frame-error.ts'

/**
 * Checks that every row of text is a well-formed string inside the heap. The heap as a whole must be well-formed, which
 * native code checks at several GB/s; then a row is if it neither begins nor ends inside a character. The cost does not
 * depend on how often rows refer to the same bytes.
 */
export function checkText(heap: Int32Array, starts: Int32Array, lengths: Int32Array, what: string): void {
  const words = heap.length
  let signs = 0
  for (let i = 0; i < starts.length; i++) {
    const end = (starts[i] + ((lengths[i] + 3) >> 2)) | 0
    signs |= starts[i] | lengths[i] | end | (words - end)
  }
  if (signs < 0) throw new FrameError('rows outside their text', what)
  const bytes = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength)
  if (isAscii(bytes)) return
  for (let i = 0; i < starts.length; i++)
    if (lengths[i] > 0 && (isInside(bytes, starts[i] * 4) || isInside(bytes, starts[i] * 4 + lengths[i])))
      throw new FrameError(`row ${i} begins or ends inside a character`, what)
  if (isUtf8(bytes)) return
  const pairs = surrogatePairs(bytes, what)
  for (let i = 0; i < starts.length; i++)
    if (holdsAny(pairs, starts[i] * 4, starts[i] * 4 + lengths[i]))
      throw new FrameError(`row ${i} is not well-formed text`, what)
}

/** A string of unknown origin that is exactly these bytes. */
export function decodeText(bytes: Uint8Array, from: number, to: number, what: string): string {
  let text = ''
  if (to - from > 24) {
    try {
      return decoder.decode(bytes.subarray(from, to))
    } catch {
      // Lone surrogates, or malformed.
    }
  }
  let high = false
  for (let at = from; at < to; ) {
    if (bytes[at] < 0x80) {
      text += String.fromCharCode(bytes[at++])
      high = false
      continue
    }
    const size = characterAt(bytes, at, to)
    if (size === 0 || (high && isSurrogate(bytes, at, LOW))) throw new FrameError('malformed text', what)
    high = isSurrogate(bytes, at, HIGH)
    text += String.fromCodePoint(codePoint(bytes, at, size))
    at += size
  }
  return text
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const HIGH = 0xa0
const LOW = 0xb0

function isInside(bytes: Uint8Array, at: number): boolean {
  return at < bytes.length && (bytes[at] & 0xc0) === 0x80
}

/** Checks the whole heap; where a high surrogate is directly followed by a low one, the places of the latter. */
function surrogatePairs(heap: Uint8Array, what: string): number[] {
  const pairs: number[] = []
  let high = false
  for (let at = 0; at < heap.length; ) {
    const size = heap[at] < 0x80 ? 1 : characterAt(heap, at, heap.length)
    if (size === 0) throw new FrameError('malformed text', what)
    if (high && isSurrogate(heap, at, LOW)) pairs.push(at)
    high = isSurrogate(heap, at, HIGH)
    at += size
  }
  return pairs
}

/** Whether one of the ascending places is inside: after the first byte. */
function holdsAny(places: readonly number[], from: number, to: number): boolean {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (places[middle] <= from) low = middle + 1
    else high = middle
  }
  return low < places.length && places[low] < to
}

/** Bytes of the character that begins here; 0 if there is none that is well-formed. Not for ASCII. */
function characterAt(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at]
  const size = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0
  if (size === 0 || at + size > end) return 0
  for (let i = at + 1; i < at + size; i++) if ((bytes[i] & 0xc0) !== 0x80) return 0
  const next = bytes[at + 1]
  if ((lead === 0xe0 && next < 0xa0) || (lead === 0xf0 && next < 0x90) || (lead === 0xf4 && next > 0x8f)) return 0
  return size
}

function isSurrogate(bytes: Uint8Array, at: number, half: typeof HIGH | typeof LOW): boolean {
  return bytes[at] === 0xed && (bytes[at + 1] & 0xf0) === half
}

function codePoint(bytes: Uint8Array, at: number, size: number): number {
  let point = bytes[at] & (0x7f >> size)
  for (let i = at + 1; i < at + size; i++) point = (point << 6) | (bytes[i] & 63)
  return point
}
