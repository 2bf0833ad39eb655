import {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  Utf8Column,
  type Validity,
} from '../column.ts'
import type { Field } from '../schema.ts'
import { FrameError } from './frame-error.ts'
import { CARRIERS, descriptor, flag, KINDS } from './layout.ts'
import type { OpaqueDecoder } from './opaque-decode.ts'
import type { Sections } from './sections.ts'
import { checkText, decodeText } from './wtf8.ts'

/** @param entry the word where the column's descriptor begins */
export function decodeColumn(
  field: Field,
  sections: Sections,
  entry: number,
  rows: number,
  opaque: OpaqueDecoder | null,
): Column {
  const what = field.name
  const kindAndFlags = sections.words[entry + descriptor.kindAndFlags]
  const kind = KINDS[kindAndFlags & 0xff]
  if (kind === undefined || !CARRIERS[field.type.kind].includes(kind))
    throw new FrameError(`${kind ?? `unknown kind ${kindAndFlags & 0xff}`} for ${field.type.kind}`, what)
  const flags = kindAndFlags >>> 8
  if ((flags & ~flag.validity) !== 0) throw new FrameError(`unknown flags ${flags}`, what)
  if (flags !== 0 && (!field.nullable || kind === 'any')) throw new FrameError('not expected to be nullable', what)
  const validity: Validity =
    flags === 0
      ? sections.absent(entry + descriptor.validity, what)
      : sections.byteArray(entry + descriptor.validity, bitmapBytes(rows), what)
  if (kind !== 'dictionary' && sections.words[entry + descriptor.entries] !== 0)
    throw new FrameError('entries without a dictionary', what)

  const first = entry + descriptor.first
  if (kind === 'dictionary') return decodeDictionary(sections, entry, rows, validity, what)
  if (kind === 'utf8') return decodeTexts(sections, entry, rows, validity, what)
  const column = decodePlain(kind, field, sections, first, rows, validity, opaque, what)
  sections.absent(entry + descriptor.second, what)
  sections.absent(entry + descriptor.third, what)
  return column
}

function decodePlain(
  kind: 'int32' | 'double' | 'bigint' | 'boolean' | 'any',
  field: Field,
  sections: Sections,
  first: number,
  rows: number,
  validity: Validity,
  opaque: OpaqueDecoder | null,
  what: string,
): Column {
  switch (kind) {
    case 'int32':
      return new Int32Column(sections.ints(first, rows, what), validity)
    case 'double':
      return new DoubleColumn(sections.doubles(first, rows, what), validity)
    case 'bigint':
      return new BigintColumn(sections.bigints(first, rows, what), validity)
    case 'boolean':
      return new BooleanColumn(checkBooleans(sections.byteArray(first, rows, what), what), validity)
    case 'any': {
      const section = sections.byteArray(first, sections.length(first), what)
      return new AnyColumn(opaque!.column(section, rows, field.nullable, what))
    }
  }
}

function checkBooleans(values: Uint8Array, what: string): Uint8Array {
  let bits = 0
  for (let i = 0; i < values.length; i++) bits |= values[i]
  if (bits > 1) throw new FrameError('a boolean that is neither 0 nor 1', what)
  return values
}

function decodeTexts(sections: Sections, entry: number, rows: number, validity: Validity, what: string): Utf8Column {
  const starts = sections.ints(entry + descriptor.first, rows, what)
  const lengths = sections.ints(entry + descriptor.second, rows, what)
  const heap = heapOf(sections, entry + descriptor.third, what)
  checkText(heap, starts, lengths, what)
  return new Utf8Column(starts, lengths, heap, validity)
}

function decodeDictionary(
  sections: Sections,
  entry: number,
  rows: number,
  validity: Validity,
  what: string,
): DictionaryColumn {
  const codes = sections.ints(entry + descriptor.first, rows, what)
  const count = sections.words[entry + descriptor.entries] >>> 0
  const lengths = sections.ints(entry + descriptor.second, count, what)
  const heap = heapOf(sections, entry + descriptor.third, what)
  const text = new Uint8Array(heap.buffer, heap.byteOffset, heap.byteLength)
  const values: string[] = []
  let start = 0
  for (let i = 0; i < count; i++) {
    const end = start + lengths[i]
    if (lengths[i] < 0 || end > text.length) throw new FrameError(`entry ${i} is outside its text`, what)
    values.push(decodeText(text, start, end, what))
    start = (end + 3) & -4
  }
  checkCodes(codes, count, validity, what)
  if (new Set(values).size !== count) throw new FrameError('a dictionary with an entry twice', what)
  return new DictionaryColumn(codes, new Dictionary(values), validity)
}

/** Absent rows have code 0, entry or not. */
function checkCodes(codes: Int32Array, count: number, validity: Validity, what: string): void {
  const limit = count === 0 && validity !== null ? 1 : count
  for (let i = 0; i < codes.length; i++)
    if (codes[i] >>> 0 >= limit) throw new FrameError(`row ${i} has code ${codes[i]} of ${count}`, what)
  if (count === 0 && validity !== null && codes.length > 0 && validity.some(byte => byte !== 0))
    throw new FrameError('rows without an entry', what)
}

function heapOf(sections: Sections, entry: number, what: string): Int32Array {
  const bytes = sections.length(entry)
  if ((bytes & 3) !== 0) throw new FrameError(`text of ${bytes} bytes`, what)
  return sections.ints(entry, bytes >>> 2, what)
}
