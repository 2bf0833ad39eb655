/** Values in which there may be others, or escapes: their extent by quotes and brackets, the rest by `JSON.parse`. */
import { isSuspect } from './exact-json.ts'
import { ODD } from './scan.ts'

const TAB = 9
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

/** The end of a string, list or object as far as quotes and brackets tell: what is within may be no JSON. */
export function passNested(bytes: Uint8Array, from: number): number {
  if (bytes[from] === QUOTE) return passEscaped(bytes, from)
  let depth = 0
  let at = from
  do {
    const byte = bytes[at]!
    if (byte === QUOTE) {
      at = passEscaped(bytes, at)
      if (at === ODD) return ODD
      continue
    }
    if (byte < SPACE && byte !== TAB) return ODD
    if (byte === 0x7b || byte === 0x5b) depth++
    else if (byte === 0x7d || byte === 0x5d) depth--
    at++
  } while (depth > 0)
  return at
}

/** The value of a text; undefined if it is no JSON, or holds a number that may lose digits (where `exactly` matters). */
export function parsed(bytes: Uint8Array, from: number, to: number, exactly = false): unknown {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8')
  if (exactly && isSuspect(text)) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** A string from its opening quote to behind the closing one; its escapes may be invalid. */
export function passEscaped(bytes: Uint8Array, from: number): number {
  let at = from + 1
  for (;;) {
    const byte = bytes[at]!
    if (byte === QUOTE) return at + 1
    if (byte < SPACE || (byte === BACKSLASH && bytes[++at]! < SPACE)) return ODD
    at++
  }
}
