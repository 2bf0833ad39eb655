import {
  type AnyColumn,
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
import type { ReceivedEntries } from './received-entries.ts'
import type { Sections } from './sections.ts'
import { checkText, decodeText } from './wtf8.ts'

/** Makes the opaque columns of a frame, in their order. */
export interface OpaqueColumns {
  column(section: Uint8Array, rows: number, nullable: boolean, what: string): AnyColumn
}

/** Where a column comes from. */
export interface Source {
  readonly sections: Sections
  /** The word where the column's descriptor begins. */
  readonly entry: number
  readonly rows: number
  /** There where a column of the frame is opaque. */
  readonly opaque: OpaqueColumns | null
  readonly trusted: boolean
  /** There where the frame has edge dictionaries. */
  readonly received: ReceivedEntries | null
}

export function decodeColumn(field: Field, source: Source): Column {
  const { sections, entry, rows } = source
  const what = field.name
  const word = sections.words[entry + descriptor.kindAndFlags]
  const kind = KINDS[word & 0xff]
  if (kind === undefined || !CARRIERS[field.type.kind].includes(kind))
    throw new FrameError(`${kind ?? `unknown kind ${word & 0xff}`} for ${field.type.kind}`, what)
  const flags = (word >>> 8) & 0xff
  const onEdge = kind === 'dictionary' && source.received !== null && (flags & flag.edgeColumn) !== 0
  if ((flags & ~(flag.validity | (onEdge ? flag.edgeColumn : 0))) !== 0 || (!onEdge && word >>> 16 !== 0))
    throw new FrameError(`unknown flags ${word >>> 8}`, what)
  const hasValidity = (flags & flag.validity) !== 0
  if (hasValidity && (!field.nullable || kind === 'any')) throw new FrameError('not expected to be nullable', what)
  const validity: Validity = hasValidity
    ? sections.byteArray(entry + descriptor.validity, bitmapBytes(rows), what)
    : sections.absent(entry + descriptor.validity, what)
  if (kind !== 'dictionary' && sections.words[entry + descriptor.entries] !== 0)
    throw new FrameError('entries without a dictionary', what)

  if (kind === 'dictionary') return decodeDictionary(source, onEdge ? word >>> 16 : NO_EDGE, validity, what)
  if (kind === 'utf8') return decodeTexts(source, validity, what)
  const column = decodePlain(kind, field, source, validity, what)
  sections.absent(entry + descriptor.second, what)
  sections.absent(entry + descriptor.third, what)
  return column
}

const NO_EDGE = -1

function decodePlain(
  kind: 'int32' | 'double' | 'bigint' | 'boolean' | 'any',
  field: Field,
  { sections, entry, rows, opaque, trusted }: Source,
  validity: Validity,
  what: string,
): Column {
  const first = entry + descriptor.first
  switch (kind) {
    case 'int32':
      return new Int32Column(sections.ints(first, rows, what), validity)
    case 'double':
      return new DoubleColumn(sections.doubles(first, rows, what), validity)
    case 'bigint':
      return new BigintColumn(sections.bigints(first, rows, what), validity)
    case 'boolean': {
      const values = sections.byteArray(first, rows, what)
      if (!trusted) checkBooleans(values, what)
      return new BooleanColumn(values, validity)
    }
    case 'any': {
      const section = sections.byteArray(first, sections.length(first), what)
      return opaque!.column(section, rows, field.nullable, what)
    }
  }
}

function checkBooleans(values: Uint8Array, what: string): void {
  let bits = 0
  for (let i = 0; i < values.length; i++) bits |= values[i]
  if (bits > 1) throw new FrameError('a boolean that is neither 0 nor 1', what)
}

function decodeTexts({ sections, entry, rows, trusted }: Source, validity: Validity, what: string): Utf8Column {
  const starts = sections.ints(entry + descriptor.first, rows, what)
  const lengths = sections.ints(entry + descriptor.second, rows, what)
  const heap = heapOf(sections, entry + descriptor.third, what)
  if (!trusted) checkText(heap, starts, lengths, what)
  return new Utf8Column(starts, lengths, heap, validity)
}

/** @param base entries of the edge's dictionary that come before this frame's, or NO_EDGE */
function decodeDictionary(source: Source, base: number, validity: Validity, what: string): DictionaryColumn {
  const { sections, entry, rows, trusted, received } = source
  const codes = sections.ints(entry + descriptor.first, rows, what)
  const values = decodeEntries(sections, entry, what)
  if (!trusted) checkCodes(codes, Math.max(base, 0) + values.length, validity, what)
  if (base !== NO_EDGE) return new DictionaryColumn(codes, received!.stage(base, values, what), validity)
  if (!trusted && new Set(values).size !== values.length) throw new FrameError('a dictionary with an entry twice', what)
  return new DictionaryColumn(codes, new Dictionary(values), validity)
}

function decodeEntries(sections: Sections, entry: number, what: string): string[] {
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
  return values
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
