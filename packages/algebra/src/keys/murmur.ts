/**
 * MurmurHash3_x86_32 (Appleby, 2011), in steps, over 32-bit words: the hash that other languages have in their
 * libraries. A hash is `finish(mixTail(mixWord(mixWord(seed, w0), w1), tail), bytes)`, words little-endian. Each
 * step is a bijection of the state, so hashes of single words never collide.
 */

export function mixWord(state: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51)
  k = (k << 15) | (k >>> 17)
  const h = state ^ Math.imul(k, 0x1b873593)
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0
}

/** The last one to three bytes of an input, zero-extended to a word. */
export function mixTail(state: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51)
  return state ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593)
}

/** The finaliser; `bytes` is the length of the whole input. */
export function finish(state: number, bytes: number): number {
  let h = state ^ bytes
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
