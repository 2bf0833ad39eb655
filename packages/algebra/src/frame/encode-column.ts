import {
  type AnyColumn,
  bitmapBytes,
  type Column,
  type DictionaryColumn,
  isValid,
  type Utf8Column,
  type Validity,
} from '../column.ts'
import { copyBigints, copyBits, copyBytes, copyDoubles, copyInts, type Selection } from '../dense.ts'
import { dictionaryText } from '../keys/dictionary-text.ts'
import type { Field } from '../schema.ts'
import { copyText, takeText } from '../text-copy.ts'
import { utf8Length, writeUtf8 } from '../utf8.ts'
import { ValueError } from '../value-error.ts'
import type { FrameWriter } from './frame-writer.ts'
import { CARRIERS, descriptor, flag, KINDS } from './layout.ts'
import type { OpaqueEncoder } from './opaque-encode.ts'
import { section } from './section.ts'
import type { SentEntries } from './sent-entries.ts'

/** Where a column goes. */
export interface Place {
  readonly out: FrameWriter
  /** The byte where the frame begins. */
  readonly frame: number
  /** The word where the column's descriptor begins. */
  readonly words: number
  readonly selection: Selection
  readonly length: number
  /** There where a column is opaque: one a frame, for the shapes that columns share. */
  readonly opaque: OpaqueEncoder | null
  /** There where the column may have an edge dictionary. */
  readonly sent: SentEntries | null
  /** The reader takes text as it is. */
  readonly trusted: boolean
}

/** True if it needs the edge dictionary to be read. */
export function encodeColumn(column: Column, field: Field, place: Place): boolean {
  const { out, words, selection, length } = place
  if (!CARRIERS[field.type.kind].includes(column.kind))
    throw new RangeError(`invalid column ${JSON.stringify(field.name)}: ${column.kind} for ${field.type.kind}`)
  const flags = encodeValidity(column.validity, field, place) ? flag.validity : 0
  out.ints[words + descriptor.kindAndFlags] = KINDS.indexOf(column.kind) | (flags << 8)
  switch (column.kind) {
    case 'int32': {
      const at = take(place, descriptor.first, length * 4)
      copyInts(column.values, selection, length, out.ints, at >> 2)
      break
    }
    case 'double': {
      const at = take(place, descriptor.first, length * 8)
      copyDoubles(column.values, selection, length, out.doubles, at >> 3)
      break
    }
    case 'bigint': {
      const at = take(place, descriptor.first, length * 8)
      copyBigints(column.values, selection, length, out.bigints, at >> 3)
      break
    }
    case 'boolean': {
      const at = take(place, descriptor.first, length)
      copyBytes(column.values, selection, length, out.bytes, at)
      break
    }
    case 'dictionary':
      if (place.sent !== null && encodeOnEdge(column, place.sent, place)) return true
      encodeDictionary(column, place)
      break
    case 'utf8':
      encodeUtf8(column, place)
      break
    case 'any':
      encodeOpaque(column, field, place)
      break
  }
  return false
}

function take({ out, frame, words }: Place, entry: number, bytes: number): number {
  return section(out, frame, words + entry, bytes)
}

/** Writes the bitmap if a row is absent, and says whether. */
function encodeValidity(validity: Validity, field: Field, place: Place): boolean {
  const { out, selection, length } = place
  if (validity === null || !someAbsent(validity, selection, length)) return false
  if (!field.nullable) throw new ValueError(field.name, null, field.type.kind)
  const at = take(place, descriptor.validity, bitmapBytes(length))
  out.bytes.fill(0, at, at + bitmapBytes(length))
  copyBits(validity, selection, length, out.bytes.subarray(at), 0)
  return true
}

function someAbsent(validity: Uint8Array, selection: Selection, length: number): boolean {
  if (selection !== null) {
    for (let i = 0; i < length; i++) if (!isValid(validity, selection[i])) return true
    return false
  }
  const whole = length >>> 3
  for (let i = 0; i < whole; i++) if (validity[i] !== 0xff) return true
  const rest = (1 << (length & 7)) - 1
  return (validity[whole] & rest) !== rest
}

/** Only entries in use are written, with new codes in the order of their first row. */
function encodeDictionary(column: DictionaryColumn, place: Place): void {
  const { out, words, selection, length } = place
  const { codes, dictionary, validity } = column
  const text = dictionaryText(dictionary)
  const at = take(place, descriptor.first, length * 4) >> 2
  const recoding = Recoding.of(dictionary.values.length)
  const { ints } = out
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    ints[at + i] = isValid(validity, row) ? recoding.code(codes[row]) : 0
  }
  const { count, used } = recoding
  let heapWords = 0
  for (let entry = 0; entry < count; entry++) heapWords += (text.lengths[used[entry]] + 3) >>> 2
  out.ints[words + descriptor.entries] = count
  const lengths = take(place, descriptor.second, count * 4) >> 2
  let to = take(place, descriptor.third, heapWords * 4) >> 2
  for (let entry = 0; entry < count; entry++) {
    const start = text.starts[used[entry]]
    const end = start + ((text.lengths[used[entry]] + 3) >>> 2)
    out.ints[lengths + entry] = text.lengths[used[entry]]
    for (let word = start; word < end; word++) out.ints[to++] = text.heap[word]
  }
}

/** Codes of the edge's dictionary, and the entries that it does not have yet; false if it is full. */
function encodeOnEdge(column: DictionaryColumn, sent: SentEntries, place: Place): boolean {
  const { out, words, selection, length } = place
  const before = out.length
  const at = take(place, descriptor.first, length * 4) >> 2
  if (!sent.recode(column, selection, length, out.ints, at)) {
    out.truncate(before)
    return false
  }
  const { fresh, base } = sent
  out.ints[words + descriptor.kindAndFlags] |= (flag.edgeColumn << 8) | (base << 16)
  out.ints[words + descriptor.entries] = fresh.length
  const lengths = take(place, descriptor.second, fresh.length * 4) >> 2
  let bytes = 0
  for (let i = 0; i < fresh.length; i++) {
    out.ints[lengths + i] = utf8Length(fresh[i])
    bytes += (out.ints[lengths + i] + 3) & -4
  }
  let to = take(place, descriptor.third, bytes)
  for (let i = 0; i < fresh.length; i++) {
    const end = to + writeUtf8(out.bytes, to, fresh[i])
    to = (end + 3) & -4
    for (let byte = end; byte < to; byte++) out.bytes[byte] = 0
  }
  return true
}

/** New codes for old ones, in tables that are reused: a stamp says which entries belong to the column at hand. */
class Recoding {
  static #shared = new Recoding()
  used = new Int32Array(0)
  count = 0
  #stamps = new Int32Array(0)
  #codes = new Int32Array(0)
  #stamp = 0

  static of(entries: number): Recoding {
    const recoding = Recoding.#shared
    if (recoding.#stamps.length < entries || recoding.#stamp === 0x7fffffff) {
      recoding.#stamps = new Int32Array(entries * 2)
      recoding.#codes = new Int32Array(entries * 2)
      recoding.used = new Int32Array(entries * 2)
      recoding.#stamp = 0
    }
    recoding.#stamp++
    recoding.count = 0
    return recoding
  }
  code(old: number): number {
    if (this.#stamps[old] !== this.#stamp) {
      this.#stamps[old] = this.#stamp
      this.#codes[old] = this.count
      this.used[this.count++] = old
    }
    return this.#codes[old]
  }
}

/** How many times as long as its rows text may be that a trusting reader gets with all that lies between them. */
const SPREAD = 3

function encodeUtf8(column: Utf8Column, place: Place): void {
  const { out, frame, words, selection, length, trusted } = place
  const startsAt = take(place, descriptor.first, length * 4) >> 2
  const lengthsAt = take(place, descriptor.second, length * 4) >> 2
  const { ints } = out
  let starts = ints.subarray(startsAt, startsAt + length)
  let lengths = ints.subarray(lengthsAt, lengthsAt + length)
  const bitmapAt = ints[words + descriptor.validity]
  const validity = bitmapAt === 0 ? null : out.bytes.subarray(frame + bitmapAt)
  const extent = takeText(column, selection, validity, length, starts, lengths, trusted ? SPREAD : 0)
  const shift = extent.whole || extent.inOrder ? oddWords(column.heap, extent.from) : 0
  const heapAt = take(place, descriptor.third, (extent.words + shift) * 4) >> 2
  if (shift > 0) out.ints[heapAt] = 0
  if (out.ints !== ints) {
    starts = out.ints.subarray(startsAt, startsAt + length) // the writer has grown
    lengths = out.ints.subarray(lengthsAt, lengthsAt + length)
  }
  const heap = out.ints.subarray(heapAt, heapAt + extent.words + shift)
  copyText(extent, column.heap, starts, lengths, length, heap, shift)
}

/**
 * 1 if a block begins at an odd word of memory: its copy then does too. V8 copies to shared memory seven times slower
 * where the two do not agree (2.8 GB/s against 21).
 */
function oddWords(heap: Int32Array, from: number): number {
  return from < heap.length ? ((heap.byteOffset >>> 2) + from) & 1 : 0
}

function encodeOpaque(column: AnyColumn, field: Field, place: Place): void {
  const { out, selection, length, opaque } = place
  const bytes = opaque!.column(column, field, selection, length)
  const at = take(place, descriptor.first, bytes.length)
  out.bytes.set(bytes, at)
}
