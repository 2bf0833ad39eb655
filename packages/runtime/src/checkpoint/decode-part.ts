/**
 * The records in a part's file. Nothing is believed: whatever is wrong with the bytes is an error CHECKPOINT_DAMAGED that
 * names the file. Batches are views into the bytes, but for those of several frames, which are put together anew; opaque values
 * are made when they are asked for.
 */
import {
  type Batch,
  concat,
  decodeBatch,
  type FrameError,
  frameLength,
  type Origin,
  type Schema,
} from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { checkFile, damagedFile, unknownFormat } from './damage.ts'
import type { PartRecord } from './part.ts'
import { PART_MAGIC, PART_VERSION, partKind, partSize, type RecordHeader } from './part-layout.ts'
import type { StoredFile } from './storage.ts'
import { storedSchema } from './stored-schema.ts'

/** Records of a file that is as it was written: its length and checksum are compared first. */
export function* decodePart(bytes: Uint8Array, file: StoredFile): Generator<PartRecord> {
  checkFile(bytes, file)
  yield* decodeRecords(bytes, file.path)
}

/** Records of bytes of any origin. */
export function* decodeRecords(bytes: Uint8Array, path: string): Generator<PartRecord> {
  const reader = new PartReader(bytes, path)
  for (;;) {
    let record: PartRecord | null
    try {
      record = reader.next()
    } catch (error) {
      throw error instanceof MillraceError ? error : damagedFile(path, (error as Error).message, error)
    }
    if (record === null) return
    yield record
  }
}

/** The one record that these bytes are, behind the file's header. */
export function decodeRecord(bytes: Uint8Array, path: string): PartRecord {
  return new PartReader(bytes, path).record()!
}

class PartReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #origin: Origin
  #at = 0
  #count = 0

  constructor(bytes: Uint8Array, path: string) {
    this.#bytes = bytes
    const damaged = (error: FrameError): MillraceError => damagedFile(path, error.message, error)
    this.#origin = { trusted: false, received: null, damaged }
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Null at the end. */
  next(): PartRecord | null {
    if (this.#at === 0) this.#begin()
    return this.record()
  }

  record(): PartRecord | null {
    const head = this.#take(partSize.head)
    const [kind, length, rows, rest] = [0, 4, 8, 12].map(at => this.#view.getUint32(head + at, true))
    if (rest !== 0) fail('a reserved field is not 0')
    if (kind === partKind.end) return this.#end(length, rows)
    if (kind !== partKind.plain && kind !== partKind.batch) fail(`unknown record ${kind}`)
    const header = headerOf(this.#text(length))
    this.#count++
    if (kind === partKind.batch) return { ...header, batch: this.#batch(storedSchema(header), rows) }
    if (rows !== 0) fail(`${rows} rows without a batch`)
    return { ...header, batch: null }
  }

  #begin(): void {
    const at = this.#take(partSize.header)
    if (this.#view.getUint32(at, true) !== PART_MAGIC) fail('it does not begin with MLRP')
    const version = this.#view.getUint32(at + 4, true)
    if (version !== PART_VERSION) throw unknownFormat(version, PART_VERSION)
  }

  #end(length: number, count: number): null {
    if (length !== 0) fail('a reserved field is not 0')
    if (count !== this.#count) fail(`${this.#count} records instead of ${count}`)
    if (this.#at !== this.#bytes.length) fail(`${this.#bytes.length - this.#at} bytes behind its end`)
    return null
  }

  #text(length: number): string {
    const at = this.#take(length)
    const padding = this.#take(-length & 7)
    for (let i = padding; i < this.#at; i++) if (this.#bytes[i] !== 0) fail('padding is not 0')
    return DECODER.decode(this.#bytes.subarray(at, at + length))
  }

  #batch(schema: Schema, rows: number): Batch {
    const frames: Batch[] = []
    let left = rows
    do {
      const at = this.#take(frameLength(this.#bytes.subarray(this.#at)))
      const frame = decodeBatch(this.#bytes.subarray(at, this.#at), schema, this.#origin)
      if (frame.length > left || (frame.length === 0 && left > 0))
        fail(`a frame of ${frame.length} rows, ${left} are left`)
      left -= frame.length
      frames.push(frame)
    } while (left > 0)
    return frames.length === 1 ? frames[0] : concat(frames, schema)
  }

  /** Goes past so many bytes; returns where they begin. */
  #take(bytes: number): number {
    const at = this.#at
    if (bytes > this.#bytes.length - at) fail('it ends too early')
    this.#at = at + bytes
    return at
  }
}

export type Header = Omit<PartRecord, 'batch'> & Pick<RecordHeader, 'fields' | 'bare'>

const KEYS = new Set(['operator', 'subtask', 'state', 'group', 'change', 'meta', 'fields', 'bare'])

/** Throws RangeError for what is no header. */
export function headerOf(text: string): Header {
  const header = JSON.parse(text) as RecordHeader | null
  if (typeof header !== 'object' || header === null || Array.isArray(header)) fail('a record without its header')
  const unknown = Object.keys(header).find(key => !KEYS.has(key))
  if (unknown !== undefined) fail(`unknown property ${JSON.stringify(unknown)} of a record`)
  const { operator, subtask, state, group, change, meta } = header
  const right =
    typeof operator === 'string' &&
    typeof state === 'string' &&
    typeof change === 'boolean' &&
    isWhole(subtask, 0) &&
    isWhole(group, -1) &&
    meta !== undefined
  if (!right) fail('a record that does not say what it is of')
  return header as Header
}

function isWhole(value: unknown, from: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function fail(problem: string): never {
  throw new RangeError(problem)
}
