/**
 * Batches as bytes: `docs/formats/frames.md`. A frame is dense (the selection is applied) and stands alone. Its sections
 * begin at multiples of 8, so that a reader uses columns in place. Cost: fixed-width columns are one block copy each
 * where there is no selection; text is moved by words, never decoded.
 */
import type { Batch } from '../batch.ts'
import { copyDoubles, copyInts } from '../dense.ts'
import { encodeColumn } from './encode-column.ts'
import type { FrameWriter } from './frame-writer.ts'
import { flag, header, MAGIC, max, size, VERSION } from './layout.ts'
import { OpaqueEncoder } from './opaque-encode.ts'
import { section } from './section.ts'
import type { SentEntries } from './sent-entries.ts'

/** One way from a writer to a reader: see `EdgeEncoder`. */
export interface Edge {
  /** For each column, what its dictionary holds. */
  readonly sent: readonly SentEntries[]
  /** Whether the reader takes text as it is. */
  readonly trusted: boolean
}

/**
 * Writes one frame behind what is already in `out`.
 *
 * @param edge where the frame goes, if it is not to stand alone
 * @throws ValueError naming the field, for an opaque value that is not plain data, or an absent one in a column that is
 *   not nullable
 * @throws FrameError past the limit of `out`; either way `out` stays as it was
 */
export function encodeBatch(batch: Batch, out: FrameWriter, edge: Edge | null = null): void {
  const before = out.length
  try {
    encode(batch, out, edge)
  } catch (error) {
    out.truncate(before)
    throw error
  }
}

function encode(batch: Batch, out: FrameWriter, edge: Edge | null): void {
  const { schema, columns, length, selection, weights, times } = batch
  if (length > max.rows) throw new RangeError(`invalid batch: ${length} rows (a frame holds ${max.rows})`)
  const frame = out.reserve(size.header + columns.length * size.column)
  out.bytes.fill(0, frame, out.length)
  if (weights !== null) {
    const at = section(out, frame, (frame >> 2) + header.weights, length * 4)
    copyInts(weights, selection, length, out.ints, at >> 2)
  }
  if (times !== null) {
    const at = section(out, frame, (frame >> 2) + header.times, length * 8)
    copyDoubles(times, selection, length, out.doubles, at >> 3)
  }
  const opaque = columns.some(column => column.kind === 'any') ? new OpaqueEncoder() : null
  let onEdge = 0
  const trusted = edge?.trusted === true
  for (let c = 0; c < columns.length; c++) {
    const words = (frame + size.header + c * size.column) >> 2
    const place = { out, frame, words, selection, length, opaque, sent: edge === null ? null : edge.sent[c], trusted }
    if (encodeColumn(columns[c], schema.fields[c], place)) onEdge = flag.edge
  }
  const { ints } = out
  const start = frame >> 2
  const flags = (weights === null ? 0 : flag.weights) | (times === null ? 0 : flag.times) | onEdge
  ints[start + header.magic] = MAGIC
  ints[start + header.versionAndFlags] = VERSION | (flags << 16)
  ints[start + header.bytes] = out.length - frame
  ints[start + header.rows] = length
  ints[start + header.columns] = columns.length
}
