/**
 * Checkpoint storage in a folder of a local or mounted disk.
 *
 * A file is written under a hidden name beside its place, synced, and linked to its place: link(2) fails if there is
 * one of that name, so of two processes that race exactly one has put its file there, and nobody sees half of one. Then the
 * folder is synced. Cost: two syncs a file (and one a new folder); one write of 2 MiB at a time, with checksums taken and
 * the next chunk made meanwhile, so that the thread is never kept for longer than one chunk takes to make.
 *
 * Folders come with the first file in them and go with the last. Where nothing is, nothing is read: a folder that is not there is
 * an empty storage.
 */
import { constants, type Dirent } from 'node:fs'
import { link, mkdir, open, readdir, rmdir, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '@millrace/plan'
import { Checksum } from './checksum.ts'
import { PIECE_BYTES, syncFolder, writeChunks } from './durable-write.ts'
import { errnoOf, readFailed, writeFailed } from './folder-error.ts'
import { StagedNames } from './staged-names.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'
import { checkStoragePath, isStoragePath } from './storage-path.ts'

export function folderStorage(folder: string): CheckpointStorage {
  return new FolderStorage(folder)
}

/** Where something deletes the last file of a folder while another is to be written to it. */
const ATTEMPTS = 5

type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

class FolderStorage implements CheckpointStorage {
  readonly label: string
  readonly #names = new StagedNames()
  #swept = false

  constructor(folder: string) {
    this.label = folder
  }

  async write(path: string, chunks: Chunks, release?: (chunk: Uint8Array) => void): Promise<StoredFile> {
    const file = await this.#put(path, chunks, release)
    if (file === null)
      throw new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${this.#at(path)} (it is there already)`, {
        hint: 'Give each job a checkpoint folder of its own.',
      })
    return file
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    return (await this.#put(path, [bytes])) !== null
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#withFile(path, async handle => {
      const { size } = await handle.stat()
      const bytes = Buffer.allocUnsafeSlow(size)
      let length = 0
      for (let read = -1; read !== 0 && length < size; length += read)
        ({ bytesRead: read } = await handle.read(bytes, length, Math.min(PIECE_BYTES, size - length), length))
      return bytes.subarray(0, length)
    })
  }

  async *pieces(path: string): AsyncGenerator<Uint8Array> {
    checkStoragePath(path)
    try {
      const handle = await open(this.#at(path), constants.O_RDONLY)
      try {
        const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
        for (let at = 0, got = -1; got !== 0; at += got) {
          got = (await handle.read(piece, 0, PIECE_BYTES, at)).bytesRead
          if (got > 0) yield piece.subarray(0, got)
        }
      } finally {
        await handle.close()
      }
    } catch (error) {
      if (!isAbsent(error)) throw readFailed(this.#at(path), error, 'read')
    }
  }

  async digest(path: string): Promise<StoredFile | undefined> {
    return this.#withFile(path, async handle => {
      const checksum = new Checksum()
      const piece = Buffer.allocUnsafeSlow(PIECE_BYTES)
      for (;;) {
        const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, checksum.bytes)
        if (bytesRead === 0) return { path, bytes: checksum.bytes, checksum: checksum.digits }
        checksum.add(piece.subarray(0, bytesRead))
      }
    })
  }

  async list(prefix: string): Promise<readonly string[]> {
    const found: string[] = []
    await this.#walk(
      '',
      path => path.startsWith(prefix) || prefix.startsWith(path),
      (path, entry) => {
        if (entry.isFile() && path.startsWith(prefix) && isStoragePath(path)) found.push(path)
      },
    )
    return found.sort()
  }

  async delete(path: string): Promise<void> {
    checkStoragePath(path)
    try {
      await unlink(this.#at(path))
    } catch (error) {
      if (!isAbsent(error)) throw readFailed(this.#at(path), error, 'delete')
    }
    await this.#removeEmpty(dirname(path))
  }

  async #removeEmpty(first: string): Promise<void> {
    try {
      for (let folder = first; folder !== '.'; folder = dirname(folder)) await rmdir(this.#at(folder))
    } catch {
      // there is something else in it, or it is gone
    }
  }

  /** Puts a file in place, unless there is one of that name: then null. */
  async #put(path: string, chunks: Chunks, release?: (chunk: Uint8Array) => void): Promise<StoredFile | null> {
    checkStoragePath(path)
    const target = this.#at(path)
    try {
      const staged = await this.#stage(dirname(target))
      try {
        const { checksum, nowMs } = await writeChunks(staged.handle, chunks, release)
        const isFirst = await linked(staged.path, target)
        await unlink(staged.path).catch(() => {})
        if (!isFirst) return null
        await syncFolder(dirname(target))
        await this.#sweep(nowMs)
        return { path, bytes: checksum.bytes, checksum: checksum.digits }
      } catch (error) {
        await unlink(staged.path).catch(() => {})
        throw error
      }
    } catch (error) {
      await this.#removeEmpty(dirname(path))
      throw writeFailed(target, error)
    }
  }

  /** A new hidden file in the folder, which is made if need be. */
  async #stage(folder: string): Promise<{ handle: Awaited<ReturnType<typeof open>>; path: string }> {
    for (let attempt = 1; ; attempt++) {
      const path = join(folder, this.#names.next())
      try {
        await makeFolder(folder)
        return { handle: await open(path, 'wx'), path }
      } catch (error) {
        const code = errnoOf(error)
        if ((code !== 'ENOENT' && code !== 'EEXIST') || attempt === ATTEMPTS) throw error
      }
    }
  }

  async #withFile<T>(
    path: string,
    act: (handle: Awaited<ReturnType<typeof open>>) => Promise<T>,
  ): Promise<T | undefined> {
    checkStoragePath(path)
    try {
      const handle = await open(this.#at(path), constants.O_RDONLY)
      try {
        return await act(handle)
      } finally {
        await handle.close()
      }
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw readFailed(this.#at(path), error, 'read')
    }
  }

  /** Visits what is in folders whose path, with a slash behind it, is wanted. */
  async #walk(
    folder: string,
    wanted: (path: string) => boolean,
    visit: (path: string, entry: Dirent) => void,
  ): Promise<void> {
    let entries: Dirent[]
    try {
      entries = await readdir(this.#at(folder), { withFileTypes: true })
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return
      throw readFailed(this.#at(folder), error, 'read')
    }
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (!entry.isDirectory()) visit(path, entry)
      else if (wanted(`${path}/`)) await this.#walk(path, wanted, visit)
    }
  }

  /** Once, behind the first file: removes what processes have left that died while they wrote. */
  async #sweep(nowMs: number): Promise<void> {
    if (this.#swept) return
    this.#swept = true
    const staged: string[] = []
    await this.#walk(
      '',
      () => true,
      (path, entry) => {
        if (entry.isFile() && this.#names.isOne(entry.name)) staged.push(path)
      },
    )
    for (const path of staged) {
      await this.#names.sweep(this.#at(path), nowMs)
      await this.#removeEmpty(dirname(path))
    }
  }

  #at(path: string): string {
    return join(this.label, path)
  }
}

/** False if there is one already. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw error
  }
}

/**
 * Makes a folder and those above it, durably. Not `recursive: true`: on file systems that refuse with ENOENT what they do not
 * take, /proc for one, that tries for ever.
 */
async function makeFolder(folder: string): Promise<void> {
  const above = dirname(folder)
  try {
    await mkdir(folder)
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return
    if (errnoOf(error) !== 'ENOENT' || above === folder) throw error
    await makeFolder(above)
    await mkdir(folder).catch(ignoreExisting)
  }
  await syncFolder(above)
}

function ignoreExisting(error: unknown): void {
  if (errnoOf(error) !== 'EEXIST') throw error
}

function isAbsent(error: unknown): boolean {
  const code = errnoOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}
