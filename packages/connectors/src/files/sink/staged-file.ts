/**
 * A file that appears whole or not at all: written under a hidden name beside its target, made durable, then renamed.
 *
 * It can be made durable and then continued, by another writer too, which is told how long it was. A compressor cannot
 * be continued; so a member (gzip) or frame (zstd) ends where the file is durable, and another follows: several are one file.
 */
import { createWriteStream, fstatSync, fsync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Transform, Writable } from 'node:stream'
import { promisify } from 'node:util'
import { MillraceError } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { type Compression, compressor } from '../compression.ts'
import { fileError } from '../location.ts'
import { createHidden, type HiddenFile, type OpenHiddenFile, reopenHidden } from './hidden-file.ts'
import type { StagedHandle } from './publish.ts'
import { syncFolder } from './sync-folder.ts'

/** What may wait for the disk before the sources are slowed down. */
const PENDING_BYTES = 4 * 1024 * 1024
const NOTHING = new Uint8Array(0)
const sync = promisify(fsync)

export class StagedFile {
  readonly temp: string
  readonly target: string
  readonly #fd: number
  readonly #file: ReturnType<typeof createWriteStream>
  readonly #start: number
  readonly #compress: (() => Transform) | undefined
  readonly #wake: () => void
  readonly #closed: Promise<void>
  /** Where compressed bytes are begun; undefined behind the end of a member. */
  #member: Transform | undefined
  /** Resolves, never rejects, when there is a failure. */
  readonly #broken: Promise<void>
  #break: () => void = () => {}
  #failure: unknown
  #durable = -1

  /** Creates the hidden file. Throws a MillraceError if that cannot be. */
  static create(
    target: string,
    compression: Compression,
    context: Pick<WriterContext, 'host' | 'jobId' | 'wake'>,
  ): StagedFile {
    if (compression !== 'none') compressor(compression).destroy() // or it throws
    return new StagedFile(createHidden(target, context), compression, context)
  }

  /** Goes on with one that was `durable`. Throws a MillraceError if it is not as long as it was then. */
  static resume(hidden: HiddenFile, compression: Compression, context: Pick<WriterContext, 'wake'>): StagedFile {
    return new StagedFile(reopenHidden(hidden), compression, context)
  }

  private constructor(
    { temp, target, bytes, fd }: OpenHiddenFile,
    compression: Compression,
    { wake }: Pick<WriterContext, 'wake'>,
  ) {
    this.temp = temp
    this.target = target
    this.#fd = fd
    this.#start = bytes
    this.#wake = wake
    this.#compress = compression === 'none' ? undefined : () => compressor(compression)
    this.#file = createWriteStream('', { fd, start: bytes, highWaterMark: PENDING_BYTES })
    this.#file.on('drain', wake)
    this.#closed = new Promise(resolve => this.#file.once('close', resolve))
    this.#broken = new Promise(resolve => {
      this.#break = resolve
    })
    this.#file.on('error', error => this.#fail(error))
  }

  /** False while much waits for the disk. True once it failed, so that the next call says so. */
  get ready(): boolean {
    return this.#failure !== undefined || !this.#head.writableNeedDrain
  }

  /** Bytes so far, those that wait for the disk too; what is within a compressor is not known. */
  get length(): number {
    return this.#start + this.#file.bytesWritten + this.#file.writableLength
  }

  /** Takes bytes that no one changes any more. */
  write(bytes: Uint8Array): void {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#compress !== undefined) this.#member ??= this.#newMember(this.#compress)
    this.#head.write(bytes)
  }

  /** Makes everything written durable, under the hidden name; returns how long the file is. */
  async durable(): Promise<number> {
    await this.#endMember()
    await this.#unlessBroken(new Promise(resolve => this.#file.write(NOTHING, () => resolve())))
    if (this.length === this.#durable) return this.length
    try {
      await sync(this.#fd)
    } catch (error) {
      this.#fail(error)
      throw this.#failure
    }
    if (this.#durable < 0) syncFolder(dirname(this.temp))
    this.#durable = this.length
    return this.length
  }

  /** Makes everything written durable, and ends it. */
  async finish(): Promise<StagedHandle> {
    if (this.#compress !== undefined && this.length === 0) this.#member ??= this.#newMember(this.#compress)
    const bytes = await this.durable()
    const { mtimeMs } = fstatSync(this.#fd)
    await this.release()
    return { temp: this.temp, target: this.target, bytes, writtenMs: mtimeMs }
  }

  /** Lets go of the file, which stays where it is. Whoever still waits for it to be durable is told. */
  async release(): Promise<void> {
    this.#failure ??= new MillraceError('CANCELLED', `${this.target} was given up`)
    this.#break()
    for (const stream of [this.#member, this.#file]) {
      stream?.off('drain', this.#wake)
      stream?.destroy()
    }
    await this.#closed
  }

  /** Removes the file, whatever has become of it. */
  async discard(): Promise<void> {
    await this.release()
    await rm(this.temp, { force: true })
  }

  get #head(): Writable {
    return this.#member ?? this.#file
  }

  #newMember(compress: () => Transform): Transform {
    const member = compress()
    member.on('drain', this.#wake)
    member.on('error', error => this.#fail(error))
    member.pipe(this.#file, { end: false })
    return member
  }

  async #endMember(): Promise<void> {
    const member = this.#member
    if (member === undefined) return
    this.#member = undefined
    await this.#unlessBroken(new Promise(resolve => member.once('end', resolve).end()))
  }

  async #unlessBroken(step: Promise<void>): Promise<void> {
    if (this.#failure === undefined) await Promise.race([step, this.#broken])
    if (this.#failure !== undefined) throw this.#failure
  }

  #fail(error: unknown): void {
    this.#failure ??= fileError(this.target, error)
    this.#break()
    this.#wake()
  }
}
