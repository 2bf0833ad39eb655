/** The key hash of single values (docs/formats/keys.md): murmur3 of the typed value's bytes, seeded with its tag. */
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { MAX_BIGINT_BYTES, tag } from './format.ts'
import { keyAtom } from './key-value.ts'
import { finish, mixTail, mixWord } from './murmur.ts'

export const NULL_HASH = finish(tag.null, 0)

/** By byte: 0 false, 1 true. */
export const BOOLEAN_HASHES = Int32Array.of(finish(mixTail(tag.boolean, 0), 1), finish(mixTail(tag.boolean, 1), 1))

/** The hash of one value of a key. Throws a TypeError for values that are no key. */
export function hashValue(value: unknown): number {
  if (typeof value === 'string') return hashString(value)
  if (typeof value === 'number') return hashNumber(value)
  const atom = keyAtom(value)
  if (atom === null) return NULL_HASH
  if (typeof atom === 'number') return hashNumber(atom)
  if (typeof atom === 'boolean') return BOOLEAN_HASHES[atom ? 1 : 0]
  return hashBigint(atom as bigint)
}

const number = new Float64Array(1)
const words = new Int32Array(number.buffer)

/** An int32 (-0 is 0) hashes as its four bytes, any other number as the eight of its double. */
export function hashNumber(value: number): number {
  if ((value | 0) === value) return finish(mixWord(tag.number, value | 0), 4)
  number[0] = value
  return Number.isNaN(value) ? NAN_HASH : hashWordPair(tag.number, words[0], words[1])
}

export function hashWordPair(seed: number, low: number, high: number): number {
  return finish(mixWord(mixWord(seed, low), high), 8)
}

/** One NaN, whatever its payload. */
export const NAN_HASH = hashWordPair(tag.number, 0, 0x7ff80000)

/** Two's complement in the fewest 32-bit words that hold it, and at least two. */
export function hashBigint(value: bigint): number {
  if (BigInt.asIntN(64, value) === value)
    return hashWordPair(tag.bigint, Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n)))
  if ((value < 0n ? -value : value) >> BigInt(MAX_BIGINT_BYTES * 8) !== 0n) throw bigintRefusal()
  let state: number = tag.bigint
  let bytes = 0
  for (let rest = value, last = false; !last; rest >>= 32n) {
    last = BigInt.asIntN(32, rest) === rest
    state = mixWord(state, Number(BigInt.asIntN(32, rest)))
    bytes += 4
  }
  return finish(state, bytes)
}

export function bigintRefusal(): RangeError {
  return new RangeError(
    `invalid key: a bigint of more than ${MAX_BIGINT_BYTES} bytes. Key by its text, or by a part of it`,
  )
}

/**
 * The hash of a text in UTF-8 words; bytes behind it in its last word do not count.
 *
 * @param seed `tag.text`, passed because loops then load it once
 */
export function hashWords(seed: number, heap: Int32Array, start: number, length: number): number {
  const end = start + (length >>> 2)
  let state = seed
  for (let at = start; at < end; at++) state = mixWord(state, heap[at])
  if ((length & 3) !== 0) state = mixTail(state, heap[end] & tailMask(length))
  return finish(state, length)
}

/** Keeps the bytes that belong to a text in its last word; its length is no multiple of 4. */
export function tailMask(length: number): number {
  return (1 << ((length & 3) << 3)) - 1
}

/** As `hashWords` of the string's UTF-8, without writing it while it is ASCII. */
export function hashString(text: string): number {
  const length = text.length
  const tail = length & ~3
  let state: number = tag.text
  let seen = 0
  for (let i = 0; i < tail; i += 4) {
    const a = text.charCodeAt(i)
    const b = text.charCodeAt(i + 1)
    const c = text.charCodeAt(i + 2)
    const d = text.charCodeAt(i + 3)
    seen |= a | b | c | d
    state = mixWord(state, a | (b << 8) | (c << 16) | (d << 24))
  }
  if (tail < length) {
    let word = 0
    for (let i = tail; i < length; i++) {
      const unit = text.charCodeAt(i)
      seen |= unit
      word |= unit << ((i & 3) << 3)
    }
    state = mixTail(state, word)
  }
  return seen < 0x80 ? finish(state, length) : hashEncoded(text)
}

let scratch = new Int32Array(256)

function hashEncoded(text: string): number {
  const length = utf8Length(text)
  if (length > scratch.byteLength) scratch = new Int32Array((length + 3) >>> 2)
  writeUtf8(new Uint8Array(scratch.buffer), 0, text)
  const hash = hashWords(tag.text, scratch, 0, length)
  if (scratch.length > 1 << 16) scratch = new Int32Array(256)
  return hash
}
