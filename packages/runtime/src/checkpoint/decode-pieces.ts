/**
 * The records in a part's file, of which no more is in memory than the one at hand: for parts that are larger than that. What
 * is not wanted is passed by. As everywhere nothing is believed; that the file is as it was written is known only at its end.
 */
import { FrameError, framePreview } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { Checksum } from './checksum.ts'
import { damagedFile, differenceOf, missingFile, unknownFormat } from './damage.ts'
import { decodeRecord, type Header, headerOf } from './decode-part.ts'
import type { PartRecord } from './part.ts'
import { PART_MAGIC, PART_VERSION, partKind, partSize } from './part-layout.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export async function* decodePieces(
  storage: CheckpointStorage,
  file: StoredFile,
  wants: (header: Header) => boolean,
): AsyncGenerator<PartRecord> {
  const window = new Window(storage.pieces(file.path)[Symbol.asyncIterator]())
  try {
    yield* recordsOf(window, file.path, wants)
    await window.close(true)
  } catch (error) {
    if (error instanceof MillraceError) throw error
    if (error instanceof RangeError || error instanceof SyntaxError || error instanceof FrameError)
      throw await problemOf(window, file, error)
    throw error
  } finally {
    await window.close(false)
  }
  const { bytes, digits: checksum } = window.checksum
  if (bytes === 0) throw missingFile(file.path)
  const problem = differenceOf({ path: file.path, bytes, checksum }, file)
  if (problem !== undefined) throw damagedFile(file.path, problem)
}

/** A file that is another than was written says so, whatever is the first thing in it that makes no sense. */
async function problemOf(window: Window, file: StoredFile, error: Error): Promise<MillraceError> {
  await window.close(true)
  const { bytes, digits: checksum } = window.checksum
  if (bytes === 0) return missingFile(file.path)
  return damagedFile(file.path, differenceOf({ path: file.path, bytes, checksum }, file) ?? error.message, error)
}

async function* recordsOf(
  window: Window,
  path: string,
  wants: (header: Header) => boolean,
): AsyncGenerator<PartRecord> {
  const begin = view(await window.peek(partSize.header))
  if (begin.getUint32(0, true) !== PART_MAGIC) throw new RangeError('it does not begin with MLRP')
  const version = begin.getUint32(4, true)
  if (version !== PART_VERSION) throw unknownFormat(version, PART_VERSION)
  window.pass(partSize.header)
  for (let count = 0; ; count++) {
    const head = view(await window.peek(partSize.head))
    const [kind, length, rows] = [0, 4, 8].map(at => head.getUint32(at, true))
    if (kind === partKind.end) {
      if (rows !== count) throw new RangeError(`${count} records instead of ${rows}`)
      window.pass(partSize.head)
      if (!(await window.isAtEnd())) throw new RangeError('there are bytes behind its end')
      return
    }
    const textEnd = partSize.head + length
    const start = await window.peek(textEnd + (-length & 7))
    const header = headerOf(DECODER.decode(start.subarray(partSize.head, textEnd)))
    const wanted = wants(header)
    const kept = wanted ? [window.take(start.length)] : []
    if (!wanted) window.pass(start.length)
    if (kind === partKind.batch) await frames(window, rows, wanted ? kept : undefined)
    if (wanted) yield decodeRecord(Buffer.concat(kept), path)
  }
}

/** The frames of so many rows, kept or passed by. */
async function frames(window: Window, rows: number, kept: Uint8Array[] | undefined): Promise<void> {
  let left = rows
  do {
    const { bytes, rows: own } = framePreview(await window.peek(framePreview.bytes))
    if (own > left || (own === 0 && left > 0)) throw new RangeError(`a frame of ${own} rows, ${left} are left`)
    left -= own
    if (kept === undefined) await window.passBy(bytes)
    else {
      await window.peek(bytes)
      kept.push(window.take(bytes))
    }
  } while (left > 0)
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** What is at hand of a file that comes in pieces. */
class Window {
  readonly checksum = new Checksum()
  readonly #pieces: AsyncIterator<Uint8Array>
  #bytes = new Uint8Array(1 << 16)
  #from = 0
  #to = 0
  #ended = false

  constructor(pieces: AsyncIterator<Uint8Array>) {
    this.#pieces = pieces
  }

  /** The next so many bytes, which stay. Throws RangeError if there are not so many. */
  async peek(count: number): Promise<Uint8Array> {
    while (this.#to - this.#from < count) if (!(await this.#more())) throw new RangeError('it ends too early')
    return this.#bytes.subarray(this.#from, this.#from + count)
  }

  /** Goes past what was peeked at. */
  pass(count: number): void {
    this.#from += count
  }

  /** A copy of what was peeked at. */
  take(count: number): Uint8Array {
    this.#from += count
    return this.#bytes.slice(this.#from - count, this.#from)
  }

  async passBy(count: number): Promise<void> {
    let left = count
    while (left > this.#to - this.#from) {
      left -= this.#to - this.#from
      this.#from = this.#to
      if (!(await this.#more())) throw new RangeError('it ends too early')
    }
    this.#from += left
  }

  async isAtEnd(): Promise<boolean> {
    return this.#from === this.#to && !(await this.#more())
  }

  async #more(): Promise<boolean> {
    const { value, done } = this.#ended ? { value: undefined, done: true } : await this.#pieces.next()
    if (done === true) this.#ended = true
    if (value === undefined) return false
    this.checksum.add(value)
    const held = this.#to - this.#from
    if (held + value.length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(held + value.length, this.#bytes.length * 2))
      larger.set(this.#bytes.subarray(this.#from, this.#to))
      this.#bytes = larger
    } else this.#bytes.copyWithin(0, this.#from, this.#to)
    this.#from = 0
    this.#bytes.set(value, held)
    this.#to = held + value.length
    return true
  }

  /** @param read the rest goes into the checksum before */
  async close(read: boolean): Promise<void> {
    while (read && !this.#ended) {
      this.#from = this.#to
      await this.#more()
    }
    if (!this.#ended) await this.#pieces.return?.()
    this.#ended = true
  }
}
