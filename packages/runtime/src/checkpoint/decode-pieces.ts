/**
 * The records in a part's file, of which no more is in memory than the one at hand: for parts that are larger than that. What
 * is not wanted is passed by. As everywhere nothing is believed; that the file is as it was written is known only at its end.
 */
import { FrameError, framePreview } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { damagedFile, differenceOf, missingFile, unknownFormat } from './damage.ts'
import { decodeRecord, type Header, headerOf } from './decode-part.ts'
import type { PartRecord } from './part.ts'
import { PART_MAGIC, PART_VERSION, partKind, partSize } from './part-layout.ts'
import { PieceWindow } from './piece-window.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export async function* decodePieces(
  storage: CheckpointStorage,
  file: StoredFile,
  wants: (header: Header) => boolean,
): AsyncGenerator<PartRecord> {
  const window = new PieceWindow(storage.pieces(file.path)[Symbol.asyncIterator]())
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
async function problemOf(window: PieceWindow, file: StoredFile, error: Error): Promise<MillraceError> {
  await window.close(true)
  const { bytes, digits: checksum } = window.checksum
  if (bytes === 0) return missingFile(file.path)
  return damagedFile(file.path, differenceOf({ path: file.path, bytes, checksum }, file) ?? error.message, error)
}

async function* recordsOf(
  window: PieceWindow,
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
async function frames(window: PieceWindow, rows: number, kept: Uint8Array[] | undefined): Promise<void> {
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
