/** JSON values in bytes, of which the extent is wanted, or all that is in them; see `scan.ts`. */
import { isSuspect } from './exact-json.ts'
import { passNumber } from './pass-number.ts'
import { ODD, passString } from './scan.ts'

const TAB = 9
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

export const words = { true: Buffer.from('true'), false: Buffer.from('false'), null: Buffer.from('null') }

/** One of the words that JSON knows. */
export function passWord(bytes: Uint8Array, from: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return ODD
  return from + word.length
}

/** A value of any kind that is not wanted; lists and objects are checked by `JSON.parse`. */
export function passValue(bytes: Uint8Array, from: number): number {
  switch (bytes[from]) {
    case QUOTE: {
      const behind = passString(bytes, from)
      return behind === ODD ? behindParsed(bytes, from) : behind
    }
    case 0x7b:
    case 0x5b:
      return behindParsed(bytes, from)
    case 0x74:
      return passWord(bytes, from, words.true)
    case 0x66:
      return passWord(bytes, from, words.false)
    case 0x6e:
      return passWord(bytes, from, words.null)
    default:
      return passNumber(bytes, from)
  }
}

function behindParsed(bytes: Uint8Array, from: number): number {
  const behind = passNested(bytes, from)
  return behind === ODD || parsed(bytes, from, behind) === undefined ? ODD : behind
}

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
