/**
 * The records of a part as the bytes of its file (docs/formats/checkpoints.md), in chunks of at most `CHUNK_BYTES`.
 *
 * A batch is written as one frame or several, each self-contained and of about `FRAME_BYTES`: so what is held beside the batch
 * itself is a frame and a chunk, whatever the size of the part. Between two chunks lies work of about a millisecond; opaque
 * values, which are written at some 100 ns each, end a chunk early. Cost: each byte is written twice in memory, into its
 * frame and its chunk.
 */
import { type Batch, batchBytes, encodeBatch, FrameError, FrameWriter, slice, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json } from '../source.ts'
import type { PartRecord } from './part.ts'
import { PART_MAGIC, PART_VERSION, partKind, partSize, type RecordHeader } from './part-layout.ts'

export const CHUNK_BYTES = 1 << 19
const FRAME_BYTES = 1 << 20
const FRAME_ROWS = 1 << 20
const FIRST_ROWS = 1 << 10
/** Of batches with opaque values: a frame, and a chunk. */
const OPAQUE_FRAME_ROWS = 1 << 11
const OPAQUE_CHUNK_ROWS = 1 << 12
/** Memory of the frame writer past this many bytes is not kept. */
const WRITER_KEPT = 1 << 23

/**
 * @param records several of one moment together: all of them are encoded before anything else happens
 * @param wrote is told of each record when it is encoded, with its bytes
 * @param memory where chunks come from
 */
export function* encodePart(
  records: Iterable<PartRecord | readonly PartRecord[]>,
  wrote: (record: PartRecord, bytes: number) => void = () => {},
  memory = new ChunkMemory(),
): Generator<Uint8Array> {
  const chunks = new Chunks(memory)
  let count = 0
  chunks.words(partSize.header, [PART_MAGIC, PART_VERSION])
  for (const told of records) {
    const full: Uint8Array[] = []
    for (const record of isMoment(told) ? told : [told]) {
      const before = chunks.total
      if (isMoment(told)) full.push(...encodeRecord(record, chunks))
      else yield* encodeRecord(record, chunks)
      count++
      wrote(record, chunks.total - before)
    }
    yield* full
  }
  chunks.words(partSize.head, [partKind.end, 0, count, 0])
  yield* chunks.all()
}

function isMoment(told: PartRecord | readonly PartRecord[]): told is readonly PartRecord[] {
  return Array.isArray(told)
}

function* encodeRecord(record: PartRecord, chunks: Chunks): Generator<Uint8Array> {
  const { batch } = record
  const text = ENCODER.encode(JSON.stringify(headerOf(record)))
  const kind = batch === null ? partKind.plain : partKind.batch
  chunks.words(partSize.head, [kind, text.length, batch === null ? 0 : batch.length, 0])
  chunks.put(text)
  chunks.put(PADDING.subarray(0, -text.length & 7))
  yield* chunks.full()
  if (batch !== null) yield* encodeFrames(record, batch, chunks)
}

function headerOf(record: PartRecord): RecordHeader {
  const { operator, subtask, state, group, change, meta, batch } = record
  if (!isJson(meta)) throw new MillraceError('INTERNAL', `invalid meta of state ${JSON.stringify(state)}: not JSON`)
  const header = { operator, subtask, state, group, change, meta }
  if (batch === null) return header
  const fields = batch.schema.fields.map(({ name, type, nullable }) => [name, type.kind, nullable] as const)
  return batch.schema.bare ? { ...header, fields, bare: true } : { ...header, fields }
}

function* encodeFrames(record: PartRecord, batch: Batch, chunks: Chunks): Generator<Uint8Array> {
  const writer = chunks.writer
  const opaque = batch.columns.some(column => column.kind === 'any')
  const most = rowsOfFrame(batch, opaque)
  // Text in dictionaries and opaque values show their size only when they are written.
  let rows = opaque || batch.columns.some(column => column.kind === 'dictionary') ? Math.min(most, FIRST_ROWS) : most
  for (let from = 0; ; ) {
    const to = Math.min(from + rows, batch.length)
    writer.clear()
    try {
      encodeBatch(slice(batch, from, to), writer)
    } catch (error) {
      if (!(error instanceof FrameError) || to - from < 2) throw refused(error, record)
      rows = (to - from) >>> 1
      continue
    }
    chunks.put(writer.written())
    if (opaque) chunks.worked(to - from)
    yield* chunks.full()
    if (to === batch.length) break
    from = to
    if (writer.length > 2 * FRAME_BYTES) rows = Math.max(1, rows >>> 2)
    else if (writer.length < FRAME_BYTES / 4) rows = Math.min(most, rows * 4)
  }
  chunks.release()
}

/** Rows of a frame at most, by what is known before it is written. */
function rowsOfFrame(batch: Batch, opaque: boolean): number {
  const bytes = batchBytes(batch)
  const rows = bytes <= FRAME_BYTES ? FRAME_ROWS : Math.ceil(FRAME_BYTES / (bytes / batch.length))
  return (Math.min(opaque ? OPAQUE_FRAME_ROWS : FRAME_ROWS, rows) + 7) & -8 // slices at whole bytes share bitmaps
}

function refused(error: unknown, { operator, state }: PartRecord): unknown {
  if (!(error instanceof ValueError || error instanceof FrameError || error instanceof RangeError)) return error
  return new MillraceError('INVALID_VALUE', `invalid value in state ${JSON.stringify(state)}: ${error.message}`, {
    hint: 'State holds plain data: numbers, text, arrays, objects, Map, Set, Date, typed arrays.',
    operator,
    cause: error,
  })
}

function isJson(value: unknown): value is Json {
  if (typeof value === 'number') return Number.isFinite(value)
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value !== 'object') return false
  return (Array.isArray(value) ? value : Object.values(value)).every(isJson)
}

const ENCODER = new TextEncoder()
const PADDING = new Uint8Array(8)

/** Memory of chunks, used anew where it has been given back: the collector has none of the work. */
export class ChunkMemory {
  /** Of a chunk at most. */
  readonly chunkBytes: number
  readonly #free: Buffer[] = []

  constructor(chunkBytes: number = CHUNK_BYTES) {
    this.chunkBytes = chunkBytes
  }

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.chunkBytes)
  }

  /** Nobody needs what is in this chunk. */
  give({ buffer }: Uint8Array): void {
    if (buffer.byteLength === this.chunkBytes) this.#free.push(Buffer.from(buffer as ArrayBuffer))
  }
}

/** Bytes put together to chunks, of which each has memory of its own: who takes one may keep it. */
class Chunks {
  total = 0
  writer: FrameWriter
  #ready: Uint8Array[] = []
  readonly #memory: ChunkMemory
  #chunk: Buffer
  #length = 0
  #rows = 0

  constructor(memory: ChunkMemory) {
    this.#memory = memory
    this.writer = new FrameWriter(Math.min(FRAME_BYTES, memory.chunkBytes))
    this.#chunk = Buffer.allocUnsafe(Math.min(1 << 16, memory.chunkBytes))
  }

  put(bytes: Uint8Array): void {
    this.total += bytes.length
    for (let at = 0; at < bytes.length; ) {
      const room = this.#room(bytes.length - at)
      this.#chunk.set(bytes.subarray(at, at + room), this.#length)
      this.#length += room
      at += room
    }
  }

  /** As many bytes, 4 for each word and the rest zero. */
  words(bytes: number, words: readonly number[]): void {
    const head = Buffer.alloc(bytes)
    for (const [i, word] of words.entries()) head.writeUInt32LE(word, i * 4)
    this.put(head)
  }

  /** Counts opaque values. */
  worked(rows: number): void {
    this.#rows += rows
    if (this.#rows >= OPAQUE_CHUNK_ROWS) this.#cut()
  }

  /** What is ready to go. */
  *full(): Generator<Uint8Array> {
    const ready = this.#ready
    if (ready.length === 0) return
    this.#ready = []
    yield* ready
  }

  *all(): Generator<Uint8Array> {
    this.#cut()
    yield* this.full()
  }

  /** Lets go of memory that one large row has made it take. */
  release(): void {
    if (this.writer.bytes.length > WRITER_KEPT) this.writer = new FrameWriter(FRAME_BYTES)
  }

  /** Bytes there is room for, at most `wanted`. */
  #room(wanted: number): number {
    const { chunkBytes } = this.#memory
    if (this.#length === chunkBytes) this.#cut()
    const needed = Math.min(this.#length + wanted, chunkBytes)
    if (needed > this.#chunk.length) {
      const size = Math.min(chunkBytes, Math.max(needed, this.#chunk.length * 4))
      const grown = size === chunkBytes ? this.#memory.take() : Buffer.allocUnsafe(size)
      grown.set(this.#chunk.subarray(0, this.#length))
      this.#chunk = grown
    }
    return needed - this.#length
  }

  #cut(): void {
    this.#rows = 0
    if (this.#length === 0) return
    this.#ready.push(this.#chunk.subarray(0, this.#length))
    this.#chunk =
      this.#chunk.length === this.#memory.chunkBytes ? this.#memory.take() : Buffer.allocUnsafe(this.#chunk.length)
    this.#length = 0
  }
}
