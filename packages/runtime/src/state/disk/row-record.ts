/**
 * A record of a file of rows: the row's id, its length, and a sum over both and its bytes, four bytes each; then its bytes.
 * Numbers are little-endian.
 */

/** Bytes before those of the row. */
export const RECORD_HEADER = 12

/** Where the bytes of a row lie in some memory. */
export interface FoundRow {
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
}

/**
 * The row of this id, whose record is at `at`, with `got` bytes of it or more.
 *
 * @returns undefined: it takes more bytes; null: it is not what was written
 */
export function rowAt(id: number, bytes: Uint8Array, at: number, got: number): FoundRow | null | undefined {
  if (got < RECORD_HEADER || wordAt(bytes, at) !== id) return null
  const from = at + RECORD_HEADER
  const to = from + wordAt(bytes, at + 4)
  if (to - at > got) return undefined
  return to > bytes.length || wordAt(bytes, at + 8) !== sumOf(id, bytes, from, to) ? null : { bytes, from, to }
}

/** Of the record of which the first bytes are at `at`: whose row it is, and how many bytes it takes. */
export function headOf(bytes: Uint8Array, at: number): { readonly id: number; readonly size: number } {
  return { id: wordAt(bytes, at), size: RECORD_HEADER + wordAt(bytes, at + 4) }
}

export function putRecord(
  memory: Uint8Array,
  at: number,
  id: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): void {
  putWord(memory, at, id)
  putWord(memory, at + 4, to - from)
  putWord(memory, at + 8, sumOf(id, bytes, from, to))
  const target = at + RECORD_HEADER - from
  if (to - from > 64) memory.set(bytes.subarray(from, to), at + RECORD_HEADER)
  else for (let i = from; i < to; i++) memory[target + i] = bytes[i]
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0
}

/** FNV-1a over the id, the length and the bytes. */
function sumOf(id: number, bytes: Uint8Array, from: number, to: number): number {
  let sum = Math.imul(0x811c9dc5 ^ id, 0x01000193) ^ (to - from)
  for (let i = from; i < to; i++) sum = Math.imul(sum ^ bytes[i], 0x01000193)
  return sum >>> 0
}
