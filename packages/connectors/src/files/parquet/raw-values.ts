/** The values of a page as they are stored, before anything is made of them. */
import { library, type SchemaElement } from './library.ts'

export type RawNumbers = Int32Array | BigInt64Array | Float32Array | Float64Array

type NumberType = 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE'

const ARRAYS = { INT32: Int32Array, INT64: BigInt64Array, FLOAT: Float32Array, DOUBLE: Float64Array } as const

/** Numbers of any encoding but the dictionary's. Throws a plain error if there are fewer. */
export function rawNumbers(bytes: Uint8Array, type: NumberType, encoding: string, count: number): RawNumbers {
  if (encoding === 'PLAIN') return plainNumbers(bytes, type, count)
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  if (encoding === 'BYTE_STREAM_SPLIT') return library.byteStreamSplit(reader, count, type, undefined) as RawNumbers
  if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64')) {
    const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count)
    if (count > 0) library.delta.deltaBinaryUnpack(reader, count, values)
    return values
  }
  throw new RangeError(`unknown encoding: ${encoding} of ${type}`)
}

/** A copy, since the bytes of a page need not be aligned. */
function plainNumbers(bytes: Uint8Array, type: NumberType, count: number): RawNumbers {
  const length = count * ARRAYS[type].BYTES_PER_ELEMENT
  if (length > bytes.length) throw new RangeError('a page ends too early')
  const buffer = new ArrayBuffer(length)
  new Uint8Array(buffer).set(bytes.subarray(0, length))
  return new ARRAYS[type](buffer)
}

/** Byte strings in one heap, each at a word; of any encoding but the dictionary's. */
export interface RawTexts {
  readonly heap: Int32Array
  readonly starts: Int32Array
  readonly lengths: Int32Array
}

export function rawTexts(bytes: Uint8Array, encoding: string, count: number): RawTexts {
  if (encoding === 'PLAIN') return plainTexts(bytes, count)
  const texts: Uint8Array[] = new Array(count)
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 }
  if (count > 0 && encoding === 'DELTA_LENGTH_BYTE_ARRAY') library.delta.deltaLengthByteArray(reader, count, texts)
  else if (count > 0 && encoding === 'DELTA_BYTE_ARRAY') library.delta.deltaByteArray(reader, count, texts)
  else if (count > 0) throw new RangeError(`unknown encoding: ${encoding} of BYTE_ARRAY`)
  return collect(count, (i, take) => take(texts[i]!, 0, texts[i]!.length))
}

function plainTexts(bytes: Uint8Array, count: number): RawTexts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let at = 0
  return collect(count, (_, take) => {
    const start = at + 4
    at = start + view.getUint32(at, true)
    if (at > bytes.length) throw new RangeError('a page ends too early')
    take(bytes, start, at)
  })
}

function collect(
  count: number,
  each: (index: number, take: (bytes: Uint8Array, start: number, end: number) => void) => void,
): RawTexts {
  const starts = new Int32Array(count)
  const lengths = new Int32Array(count)
  let heap = new Int32Array(Math.max(16, count * 4))
  let into = new Uint8Array(heap.buffer)
  let used = 0
  for (let i = 0; i < count; i++)
    each(i, (bytes, start, end) => {
      const words = (end - start + 3) >>> 2
      if (used + words > heap.length) {
        const grown = new Int32Array(Math.max(used + words, heap.length * 2))
        grown.set(heap.subarray(0, used))
        heap = grown
        into = new Uint8Array(heap.buffer)
      }
      starts[i] = used
      lengths[i] = end - start
      into.set(bytes.subarray(start, end), used * 4)
      used += words
    })
  return { heap, starts, lengths }
}

/** Truth values of any encoding, a byte each. */
export function rawBooleans(
  bytes: Uint8Array,
  encoding: string,
  count: number,
  rle: (to: Int32Array) => void,
): Uint8Array {
  const values = new Uint8Array(count)
  if (encoding === 'PLAIN') {
    if (count > bytes.length * 8) throw new RangeError('a page ends too early')
    for (let i = 0; i < count; i++) values[i] = (bytes[i >>> 3]! >>> (i & 7)) & 1
    return values
  }
  if (encoding !== 'RLE') throw new RangeError(`unknown encoding: ${encoding} of BOOLEAN`)
  const wide = new Int32Array(count)
  rle(wide)
  values.set(wide)
  return values
}

/** Of a stored integer of 96 bits, the milliseconds since 1970: nanoseconds of the day, then the Julian day. */
export function int96Times(bytes: Uint8Array, count: number): Float64Array {
  if (count * 12 > bytes.length) throw new RangeError('a page ends too early')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const times = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const nanos = view.getUint32(i * 12 + 4, true) * 2 ** 32 + view.getUint32(i * 12, true)
    times[i] = (view.getInt32(i * 12 + 8, true) - JULIAN_1970) * 86_400_000 + nanos / 1e6
  }
  return times
}

const JULIAN_1970 = 2_440_588

export function isNumberType(type: SchemaElement['type']): type is NumberType {
  return type !== undefined && Object.hasOwn(ARRAYS, type)
}
