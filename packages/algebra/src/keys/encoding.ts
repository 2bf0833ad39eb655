/**
 * The key encoding: docs/formats/keys.md, version 1. A key is the concatenation of its atoms' encodings, one a key
 * column; equal keys have equal bytes, and bytewise order is the order of values within a type (numbers with NaN
 * last, text by code point), nulls last.
 */
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { MAX_BIGINT_BYTES, tag } from './format.ts'
import { bigintRefusal } from './hash-value.ts'
import { keyAtom } from './key-value.ts'

/**
 * The bytes of a key. Throws a TypeError for values that are no key, a RangeError for a bigint of over 127 bytes.
 *
 * @param values one a key column
 * @example
 * encodeKey([null, true]) // Uint8Array.of(0xe0, 0x10, 1)
 */
export function encodeKey(values: readonly unknown[]): Uint8Array {
  const bytes: number[] = []
  for (const value of values) encodeAtom(value, bytes)
  return Uint8Array.from(bytes)
}

function encodeAtom(value: unknown, bytes: number[]): void {
  const atom = keyAtom(value)
  if (atom === null) bytes.push(tag.null)
  else if (typeof atom === 'boolean') bytes.push(tag.boolean, atom ? 1 : 0)
  else if (typeof atom === 'number') encodeNumber(atom, bytes)
  else if (typeof atom === 'bigint') encodeBigint(atom, bytes)
  else encodeText(atom, bytes)
}

/** Big-endian double, sign bit flipped if it is clear, else all bits: so that bytes sort as numbers do. */
function encodeNumber(value: number, bytes: number[]): void {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value)
  if (Number.isNaN(value)) view.setBigUint64(0, 0x7ff8000000000000n)
  const flip = view.getUint8(0) < 0x80 ? 0x80 : 0xff
  bytes.push(tag.number, view.getUint8(0) ^ flip)
  for (let i = 1; i < 8; i++) bytes.push(view.getUint8(i) ^ (flip === 0xff ? 0xff : 0))
}

/** Number of magnitude bytes (0x80 + n; 0x7f - n if negative), then the magnitude, big-endian (inverted if negative). */
function encodeBigint(value: bigint, bytes: number[]): void {
  const magnitude: number[] = []
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 8n) magnitude.push(Number(rest & 0xffn))
  if (magnitude.length > MAX_BIGINT_BYTES) throw bigintRefusal()
  const flip = value < 0n ? 0xff : 0
  bytes.push(tag.bigint, (0x80 + magnitude.length) ^ flip)
  for (let i = magnitude.length - 1; i >= 0; i--) bytes.push(magnitude[i] ^ flip)
}

/** UTF-8 with lone surrogates as three bytes; 00 as 00 ff; closed by 00. */
function encodeText(text: string, bytes: number[]): void {
  const utf8 = new Uint8Array(utf8Length(text))
  writeUtf8(utf8, 0, text)
  bytes.push(tag.text)
  for (const byte of utf8) {
    bytes.push(byte)
    if (byte === 0) bytes.push(0xff)
  }
  bytes.push(0)
}
