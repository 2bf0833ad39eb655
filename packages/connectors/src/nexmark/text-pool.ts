/**
 * Random text as windows of one pool, which is how the published generator makes `extra` too.
 *
 * A window begins on a word boundary of the pool, so that it is a row of a UTF-8 column as it stands: no text is made or copied.
 */
import { scramble, UNIT } from './draw.ts'

/** Words in a pool: 256 KiB of text, so that it stays in a second-level cache. */
export const POOL_WORDS = 1 << 16
const LETTERS = 26
/** One in so many characters of the spaced pool is a space. */
const SPACE_RATIO = 13

/** Letters a to z, and if `spaced`, spaces, though never where a window may begin. */
export function textPool(stream: number, spaced: boolean): Int32Array {
  const heap = new Int32Array(POOL_WORDS)
  const bytes = new Uint8Array(heap.buffer)
  for (let i = 0; i < bytes.length; i++) {
    const word = scramble(stream + i)
    const space = spaced && (i & 3) !== 0 && below(SPACE_RATIO, scramble(word)) === 0
    bytes[i] = space ? 0x20 : 0x61 + below(LETTERS, word)
  }
  return heap
}

/** From 32 random bits to an integer of 0 to limit - 1. */
function below(limit: number, word: number): number {
  return Math.floor((word >>> 1) * (limit * UNIT))
}
