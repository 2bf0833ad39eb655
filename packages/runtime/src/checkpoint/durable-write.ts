import { type FileHandle, open } from 'node:fs/promises'
import { Checksum } from './checksum.ts'
import { errnoOf } from './folder-error.ts'

/** Bytes that are read or written at a time. */
export const PIECE_BYTES = 1 << 22

/**
 * Writes all chunks, syncs and closes. While a piece is being written its checksum is taken and the next one made.
 *
 * @returns also the time that the file's disk has it was written: another machine's clock may differ from ours
 */
export async function writePieces(
  handle: FileHandle,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<{ checksum: Checksum; nowMs: number }> {
  const checksum = new Checksum()
  let writing: Promise<void> = Promise.resolve()
  try {
    for await (const chunk of chunks)
      for (let at = 0; at < chunk.length; at += PIECE_BYTES) {
        const piece = chunk.subarray(at, at + PIECE_BYTES)
        await writing
        writing = writeWhole(handle, piece)
        checksum.add(piece)
      }
    await writing
    await handle.sync()
    const { mtimeMs } = await handle.stat()
    return { checksum, nowMs: mtimeMs }
  } finally {
    await writing.catch(() => {})
    await handle.close()
  }
}

/** A disk that is nearly full takes less than it was given. */
async function writeWhole(handle: FileHandle, piece: Uint8Array): Promise<void> {
  for (let at = 0; at < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, at, piece.length - at)
    if (bytesWritten === 0) throw Object.assign(new Error('nothing was written'), { code: 'ENOSPC', syscall: 'write' })
    at += bytesWritten
  }
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
