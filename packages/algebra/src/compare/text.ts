/** Order of text: by code point. UTF-16 units would put U+10000 and above before U+E000 to U+FFFF. */

/** Negative, 0 or positive. A lone surrogate counts as the code point of its own number, as in WTF-8. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const common = Math.min(a.length, b.length)
  let i = 0
  while (i < common && a.charCodeAt(i) === b.charCodeAt(i)) i++
  if (i > 0 && isHigh(a.charCodeAt(i - 1))) {
    // Only one of them may go on to make a pair of the high surrogate before: it is then above U+FFFF, the other below.
    const pairs = Number(isLow(a.charCodeAt(i))) - Number(isLow(b.charCodeAt(i)))
    if (pairs !== 0) return pairs
  }
  return i === common ? a.length - b.length : a.codePointAt(i)! - b.codePointAt(i)!
}

/** The same order for UTF-8 in words (see `Utf8Column`): that of unsigned bytes. */
export function compareUtf8(
  heapA: Int32Array,
  startA: number,
  lengthA: number,
  heapB: Int32Array,
  startB: number,
  lengthB: number,
): number {
  const common = Math.min(lengthA, lengthB)
  const words = common >>> 2
  for (let w = 0; w < words; w++) {
    const a = heapA[startA + w]
    const b = heapB[startB + w]
    if (a !== b) return bigEndian(a) < bigEndian(b) ? -1 : 1
  }
  if ((common & 3) !== 0) {
    const mask = (1 << ((common & 3) * 8)) - 1
    const a = bigEndian(heapA[startA + words] & mask)
    const b = bigEndian(heapB[startB + words] & mask)
    if (a !== b) return a < b ? -1 : 1
  }
  return lengthA - lengthB
}

/** Whether two strings of the same `length` in bytes are equal. */
export function equalUtf8(
  heapA: Int32Array,
  startA: number,
  heapB: Int32Array,
  startB: number,
  length: number,
): boolean {
  const words = length >>> 2
  for (let w = 0; w < words; w++) if (heapA[startA + w] !== heapB[startB + w]) return false
  const rest = length & 3
  return rest === 0 || ((heapA[startA + words] ^ heapB[startB + words]) & ((1 << (rest * 8)) - 1)) === 0
}

/** The unsigned number whose first byte in memory is its highest. */
export function bigEndian(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
