/**
 * JSON tokens in bytes (RFC 8259), for rows that are as plain as nearly all rows are. A function gives the position
 * behind its token, or `ODD` where a look at the bytes does not settle what it is: an escape, a rare form of number, an
 * error. Such a row is parsed again by slower means, so nothing here needs to know what is wrong. Bytes must be valid
 * UTF-8 and be followed by a line break, at which everything stops.
 */
export const ODD = -1

const TAB = 9
const CR = 13
const SPACE = 32
const QUOTE = 34
const BACKSLASH = 92

/** Passes over white space within a line. */
export function passSpace(bytes: Uint8Array, from: number): number {
  let at = from
  for (let byte = bytes[at]; byte === SPACE || byte === TAB || byte === CR; ) byte = bytes[++at]
  return at
}

/** From its opening quote to behind the closing one; `ODD` if it has escapes. */
export function passString(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== QUOTE) return ODD
  let at = from + 1
  for (;;) {
    const byte = bytes[at]!
    if (byte === QUOTE) return at + 1
    if (byte < SPACE || byte === BACKSLASH) return ODD
    at++
  }
}
