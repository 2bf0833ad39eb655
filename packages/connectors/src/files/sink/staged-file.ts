/**
 * A file that appears whole or not at all: written under a hidden name beside its target, made durable, then renamed.
 */
import { closeSync, createWriteStream, fsyncSync, openSync } from 'node:fs'
import { rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { pipeline, type Writable } from 'node:stream'
import type { Json, WriterContext } from '@millrace/runtime'
import { type Compression, compressor } from '../compression.ts'
import { fileError } from '../location.ts'

/** What may wait for the disk before the sources are slowed down. */
const PENDING_BYTES = 4 * 1024 * 1024

/** Names a file that was written and waits to be renamed. */
export interface StagedHandle {
  readonly [name: string]: Json
  readonly temp: string
  readonly target: string
  /** Its length: a file of another one at the target was there before. */
  readonly bytes: number
}

export class StagedFile {
  readonly temp: string
  readonly #target: string
  readonly #wake: () => void
  readonly #head: Writable
  readonly #finished: Promise<void>
  #failure: unknown

  /** Creates the hidden file. Throws a MillraceError if that cannot be. */
  constructor(target: string, compression: Compression, context: Pick<WriterContext, 'host' | 'jobId' | 'wake'>) {
    const head = compression === 'none' ? undefined : compressor(compression)
    const { temp, fd } = createHidden(target, context)
    this.temp = temp
    this.#target = resolve(target)
    const { wake } = context
    this.#wake = wake
    const file = createWriteStream('', { fd, flush: true, highWaterMark: PENDING_BYTES })
    this.#finished = new Promise((resolve, reject) => {
      const done = (error?: Error | null) => (error ? reject(error) : resolve())
      if (head === undefined) file.once('close', done).once('error', done)
      else pipeline(head, file, error => (error || file.closed ? done(error) : file.once('close', done)))
    })
    this.#finished.catch(error => {
      this.#failure = fileError(target, error)
      wake()
    })
    this.#head = head ?? file
    this.#head.on('drain', wake)
  }

  /** False while much waits for the disk. True once it failed, so that the next call says so. */
  get ready(): boolean {
    return this.#failure !== undefined || !this.#head.writableNeedDrain
  }

  /** Takes bytes that no one changes any more. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure
    this.#head.write(bytes)
  }

  /** Makes everything written durable. */
  async finish(): Promise<StagedHandle> {
    if (this.#failure !== undefined) throw this.#failure
    this.#head.end()
    await this.#finished.catch(() => {})
    if (this.#failure !== undefined) throw this.#failure
    const { size: bytes } = await stat(this.temp)
    return { temp: this.temp, target: this.#target, bytes }
  }

  /** Removes the file, whatever has become of it. */
  async discard(): Promise<void> {
    this.#head.off('drain', this.#wake)
    this.#head.destroy()
    await this.#finished.catch(() => {})
    await rm(this.temp, { force: true })
  }
}

type HiddenFile = { readonly temp: string; readonly fd: number }

/**
 * The job's name makes it possible to find the file again; chance keeps it apart from others of the job. A name that is
 * taken is another run's: on a simulated Host chance repeats itself.
 */
function createHidden(target: string, { host, jobId }: Pick<WriterContext, 'host' | 'jobId'>): HiddenFile {
  for (;;) {
    const name = `.${basename(target)}.part-${jobId}-${Math.floor(host.random() * 2 ** 48).toString(36)}`
    const temp = resolve(dirname(target), name)
    try {
      return { temp, fd: openSync(temp, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(target, error)
    }
  }
}

/** Gives a staged file its name. Does nothing if that has been done. */
export async function publish({ temp, target, bytes }: StagedHandle): Promise<void> {
  try {
    await rename(temp, target)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (missing && (await lengthOf(target)) === bytes) return
    throw fileError(missing ? temp : target, error)
  }
  syncFolder(dirname(target))
}

async function lengthOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}

/** The rename itself must survive a crash too. Some systems cannot open a folder; there it is up to them. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch {
    // not possible on Windows
  }
}
