/**
 * Bytes as batches: `docs/formats/frames.md`. Columns of numbers and text are views into the bytes; only dictionaries and
 * opaque values are built. Nothing is believed: every length, offset, code and string is checked before it is used,
 * nothing outside the bytes is read, and what is allocated is proportional to them.
 */
import { Batch } from '../batch.ts'
import { AnyColumn, type Column } from '../column.ts'
import type { Field, Schema } from '../schema.ts'
import { requireLittleEndian } from './byte-order.ts'
import { decodeColumn, type OpaqueColumns } from './decode-column.ts'
import { EncodedFrame } from './encoded-column.ts'
import { FrameError } from './frame-error.ts'
import { flag, header, MAGIC, max, size, VERSION } from './layout.ts'
import { OpaqueDecoder } from './opaque-decode.ts'
import type { ReceivedEntries } from './received-entries.ts'
import { Sections } from './sections.ts'

/** Where frames come from: what is known of those before, and whether they are believed. */
export interface Origin {
  /** Skips the checks that take time for every row: see `EdgeDecoder`. */
  readonly trusted: boolean
  /** By column; null where every frame stands alone. */
  readonly received: readonly ReceivedEntries[] | null
  /** There where opaque values are to stay bytes until they are asked for: what is thrown then for bytes that are none. */
  readonly damaged?: (error: FrameError) => Error
}

const UNKNOWN_ORIGIN: Origin = { trusted: false, received: null }

/**
 * The batch in the frame that `bytes` begin with; what follows it is left alone. The batch is a view: valid while the
 * bytes are not changed. Bytes that do not begin at a multiple of 8 in their buffer are copied first.
 *
 * @throws FrameError for anything but a frame of this schema
 */
export function decodeBatch(bytes: Uint8Array, schema: Schema, origin: Origin = UNKNOWN_ORIGIN): Batch {
  const length = frameLength(bytes)
  const aligned = (bytes.byteOffset & 7) === 0 ? bytes.subarray(0, length) : new Uint8Array(bytes.subarray(0, length))
  const words = new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2)
  const rows = words[header.rows]
  const width = words[header.columns]
  const flags = words[header.versionAndFlags] >>> 16
  if (rows < 0 || rows > max.rows) throw new FrameError(`${rows >>> 0} rows, the limit is ${max.rows}`)
  const edge = (flags & flag.edge) !== 0
  if (edge && origin.received === null) throw new FrameError('it has edge dictionaries, and stands alone here')
  if ((flags & ~(flag.weights | flag.times | flag.edge)) !== 0) throw new FrameError(`unknown flags ${flags}`)
  if (words[header.reserved] !== 0) throw new FrameError('a reserved field is not 0')
  if (width !== schema.fields.length)
    throw new FrameError(`${width >>> 0} columns, the schema has ${schema.fields.length}`)
  const end = size.header + width * size.column
  if (end > length) throw new FrameError('it ends in its table of columns')
  const sections = new Sections(aligned, words, end)

  const hasWeights = (flags & flag.weights) !== 0
  const weights = hasWeights
    ? sections.ints(header.weights, rows, 'weights')
    : sections.absent(header.weights, 'weights')
  const hasTimes = (flags & flag.times) !== 0
  const times = hasTimes ? sections.doubles(header.times, rows, 'times') : sections.absent(header.times, 'times')
  const columns = decodeColumns(schema.fields, sections, rows, edge ? origin : { ...origin, received: null })
  return new Batch(schema, columns, rows, null, weights, times)
}

/** Bytes of the frame that `bytes` begin with: where the next one begins. Checks the first words and that it is whole. */
export function frameLength(bytes: Uint8Array): number {
  const { bytes: length } = framePreview(bytes)
  if (length > bytes.length) throw new FrameError(`${length} bytes, but only ${bytes.length} are there`)
  return length
}

/** Bytes and rows of a frame of which only its beginning need be there: `framePreview.bytes`. */
export function framePreview(bytes: Uint8Array): { readonly bytes: number; readonly rows: number } {
  requireLittleEndian()
  if (bytes.length < size.header) throw new FrameError(`${bytes.length} bytes are less than a header`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(header.magic * 4, true) !== MAGIC) throw new FrameError('it does not begin with MLRF')
  const version = view.getUint16(header.versionAndFlags * 4, true)
  if (version !== VERSION) throw new FrameError(`unknown version ${version} (known: ${VERSION})`)
  const length = view.getUint32(header.bytes * 4, true)
  if (length < size.header || (length & 7) !== 0) throw new FrameError(`a length of ${length} bytes`)
  return { bytes: length, rows: view.getUint32(header.rows * 4, true) }
}
framePreview.bytes = size.header

function opaqueColumns(damaged: Origin['damaged']): OpaqueColumns {
  if (damaged !== undefined) return new EncodedFrame(damaged)
  const decoder = new OpaqueDecoder()
  return { column: (section, rows, nullable, what) => new AnyColumn(decoder.column(section, rows, nullable, what)) }
}

function decodeColumns(fields: readonly Field[], sections: Sections, rows: number, origin: Origin): Column[] {
  const { trusted, received, damaged } = origin
  const opaque = fields.some(field => field.type.kind === 'any') ? opaqueColumns(damaged) : null
  return fields.map((field, c) => {
    const entry = (size.header + c * size.column) >>> 2
    const place = { sections, entry, rows, opaque, trusted, received: received === null ? null : received[c] }
    return decodeColumn(field, place)
  })
}
