import { type FileHandle, open } from 'node:fs/promises'
import { realHost } from '../host/real.ts'
import { Checksum } from './checksum.ts'
import { errnoOf } from './folder-error.ts'

/** Bytes that are read at a time. */
export const PIECE_BYTES = 1 << 22
/**
 * Bytes that are written at a time, where chunks are smaller: each write wakes another thread. With two writes under way
 * processors are kept from the collector's threads, and what it stops stands still for longer.
 */
const WRITE_BYTES = 1 << 21
const WRITES = 1

export interface Written {
  readonly checksum: Checksum
  /** The time that the file's disk has it was written: another machine's clock may differ from ours. */
  readonly nowMs: number
}

/**
 * Writes all chunks, syncs and closes. While some are being written, checksums are taken and the next ones made; behind each
 * the event loop has its turn.
 *
 * @param release is told of each chunk that nobody needs any more
 */
export async function writeChunks(
  handle: FileHandle,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  release: (chunk: Uint8Array) => void = () => {},
): Promise<Written> {
  const checksum = new Checksum()
  const writes: Promise<void>[] = []
  let ready: Uint8Array[] = []
  let position = 0
  const write = (): void => {
    const own = ready
    ready = []
    writes.push(
      writeAll(handle, own, position).then(() => {
        for (const chunk of own) release(chunk)
      }),
    )
    position = checksum.bytes
  }
  try {
    for await (const chunk of chunks) {
      checksum.add(chunk)
      ready.push(chunk)
      if (checksum.bytes - position >= WRITE_BYTES) {
        if (writes.length === WRITES) await writes.shift()
        write()
      }
      await realHost.yield()
    }
    if (ready.length > 0) write()
    await Promise.all(writes)
    await handle.sync()
    const { mtimeMs } = await handle.stat()
    return { checksum, nowMs: mtimeMs }
  } finally {
    await Promise.allSettled(writes)
    await handle.close()
  }
}

/** A disk that is nearly full takes less than it was given. */
async function writeAll(handle: FileHandle, chunks: readonly Uint8Array[], position: number): Promise<void> {
  let left = chunks.filter(chunk => chunk.length > 0)
  for (let at = position; left.length > 0; ) {
    const { bytesWritten } = await handle.writev(left, at)
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC', syscall: 'write' })
    at += bytesWritten
    left = behind(left, bytesWritten)
  }
}

/** What is left of chunks behind so many bytes. */
function behind(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let gone = bytes
  return chunks.flatMap(chunk => {
    const from = Math.min(gone, chunk.length)
    gone -= from
    return from === chunk.length ? [] : [chunk.subarray(from)]
  })
}

/**
 * Makes what was entered into a folder survive the loss of power. Windows does that by itself, and cannot be asked to; nor
 * can some mounted file systems, which say EINVAL.
 */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (error) {
    if (errnoOf(error) !== 'EINVAL') throw error
  } finally {
    await handle.close()
  }
}
