/**
 * UTF-8 in 4-byte words, lone surrogates kept as three bytes (WTF-8, https://simonsapin.github.io/wtf-8/), because
 * `TextEncoder` and `Buffer.from` replace them and so make different keys equal.
 */

/** Bytes that `text` takes. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (isHigh(unit) && isLow(text.charCodeAt(i + 1))) {
      bytes += 2
      i++
    } else bytes += 2
  }
  return bytes
}

/** Writes `text` at byte `at` of `bytes`, which must have room; returns the bytes written. */
export function writeUtf8(bytes: Uint8Array, at: number, text: string): number {
  const start = at
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i)
    if (point < 0x80) {
      bytes[at++] = point
      continue
    }
    if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6)
      bytes[at++] = 0x80 | (point & 63)
      continue
    }
    const next = isHigh(point) ? text.charCodeAt(i + 1) : 0
    if (isLow(next)) {
      point = 0x10000 + ((point & 0x3ff) << 10) + (next & 0x3ff)
      i++
      bytes[at++] = 0xf0 | (point >> 18)
      bytes[at++] = 0x80 | ((point >> 12) & 63)
    } else bytes[at++] = 0xe0 | (point >> 12)
    bytes[at++] = 0x80 | ((point >> 6) & 63)
    bytes[at++] = 0x80 | (point & 63)
  }
  return at - start
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The string of `length` bytes from word `start`. */
export function decodeUtf8(heap: Int32Array, start: number, length: number): string {
  const bytes = new Uint8Array(heap.buffer, heap.byteOffset + start * 4, length)
  if (length <= 24) return decodeUnits(bytes)
  try {
    return decoder.decode(bytes)
  } catch {
    return decodeUnits(bytes) // holds a lone surrogate
  }
}

function decodeUnits(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; ) {
    const lead = bytes[i]
    if (lead < 0x80) {
      text += String.fromCharCode(lead)
      i += 1
    } else if (lead < 0xe0) {
      text += String.fromCharCode(((lead & 31) << 6) | (bytes[i + 1] & 63))
      i += 2
    } else if (lead < 0xf0) {
      text += String.fromCharCode(((lead & 15) << 12) | ((bytes[i + 1] & 63) << 6) | (bytes[i + 2] & 63))
      i += 3
    } else {
      const high = ((lead & 7) << 18) | ((bytes[i + 1] & 63) << 12) | ((bytes[i + 2] & 63) << 6)
      text += String.fromCodePoint(high | (bytes[i + 3] & 63))
      i += 4
    }
  }
  return text
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
