/**
 * Checkpoint storage on a simulated disk: one for each process of the simulation, on the clock and chance of its Host. An
 * operation goes in steps, with time between them: it may have had its effect before it says so, others come between, and
 * at a crash some of it is done.
 */
import { MillraceError } from '@millrace/plan'
import { Checksum } from '../checkpoint/checksum.ts'
import type { CheckpointStorage, StoredFile } from '../checkpoint/storage.ts'
import { checkStoragePath } from '../checkpoint/storage-path.ts'
import type { DiskHost, SimulatedDisk } from './simulated-disk.ts'

/** A file that is being written: lost at a crash, or some of it. */
interface Unfinished {
  readonly path: string
  readonly pieces: Uint8Array[]
  /** It may be left in part. */
  readonly torn: boolean
}

export class SimulatedStorage implements CheckpointStorage {
  readonly label = 'a simulated disk'
  readonly #disk: SimulatedDisk
  readonly #host: DiskHost
  readonly #unfinished = new Set<Unfinished>()
  #crashed = false

  constructor(disk: SimulatedDisk, host: DiskHost) {
    this.#disk = disk
    this.#host = host
  }

  /** Its process ends: nothing that was asked for is answered any more, and unfinished files are left as they may be. */
  crash(): void {
    this.#crashed = true
    for (const { path, pieces, torn } of this.#unfinished) this.#leave(path, Buffer.concat(pieces), torn)
    this.#unfinished.clear()
  }

  async write(
    path: string,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    release?: (chunk: Uint8Array) => void,
  ): Promise<StoredFile> {
    checkStoragePath(path)
    const unfinished: Unfinished = { path, pieces: [], torn: true }
    this.#unfinished.add(unfinished)
    try {
      for await (const chunk of chunks) {
        await this.#step()
        unfinished.pieces.push(new Uint8Array(chunk))
        release?.(chunk)
      }
      const bytes = Buffer.concat(unfinished.pieces)
      if (!(await this.#place(path, bytes, true))) throw failed(path, 'it is there already')
      return { path, bytes: bytes.length, checksum: Checksum.of(bytes) }
    } finally {
      this.#unfinished.delete(unfinished)
    }
  }

  async create(path: string, bytes: Uint8Array): Promise<boolean> {
    checkStoragePath(path)
    const unfinished: Unfinished = { path, pieces: [new Uint8Array(bytes)], torn: false }
    this.#unfinished.add(unfinished)
    try {
      return await this.#place(path, unfinished.pieces[0], false)
    } finally {
      this.#unfinished.delete(unfinished)
    }
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    checkStoragePath(path)
    await this.#readStep(path)
    const bytes = this.#disk.get(path)
    return bytes && new Uint8Array(bytes)
  }

  async *pieces(path: string): AsyncGenerator<Uint8Array> {
    const bytes = await this.read(path)
    if (bytes !== undefined) yield bytes
  }

  async digest(path: string): Promise<StoredFile | undefined> {
    const bytes = await this.read(path)
    return bytes && { path, bytes: bytes.length, checksum: Checksum.of(bytes) }
  }

  async list(prefix: string): Promise<readonly string[]> {
    await this.#readStep(prefix)
    return this.#disk.list(prefix, this.#host.now())
  }

  async delete(path: string): Promise<void> {
    checkStoragePath(path)
    await this.#step()
    const fails = this.#happens(this.#disk.options.failing)
    if (!fails || this.#happens(0.5)) this.#disk.remove(path)
    await this.#step()
    if (fails) throw new MillraceError('IO', `invalid checkpoint file: ${path} (it could not be deleted)`)
  }

  /** False if there is a file of that name. */
  async #place(path: string, bytes: Uint8Array, torn: boolean): Promise<boolean> {
    await this.#step()
    this.#disk.checkRoom(path, bytes.length)
    if (this.#happens(this.#disk.options.failing)) {
      this.#leave(path, bytes, torn)
      await this.#step()
      throw failed(path, 'the disk does not answer')
    }
    if (this.#disk.has(path)) return false
    this.#disk.put(path, bytes, this.#host)
    const { wrong, wrongUnder } = this.#disk.options
    if (path.startsWith(wrongUnder) && this.#happens(wrong)) this.#disk.damage(path, this.#host)
    await this.#step()
    return true
  }

  #leave(path: string, bytes: Uint8Array, torn: boolean): void {
    if (torn) this.#disk.leave(path, bytes, this.#host)
    else if (!this.#disk.has(path) && this.#happens(0.5)) this.#disk.put(path, bytes, this.#host)
  }

  async #readStep(path: string): Promise<void> {
    await this.#step()
    if (this.#happens(this.#disk.options.failingReads))
      throw new MillraceError('IO', `invalid checkpoint file: ${path} (the disk does not answer)`)
  }

  #happens(chance: number): boolean {
    return chance > 0 && this.#host.random() < chance
  }

  /** Some time passes; for good, if the process is gone. */
  async #step(): Promise<void> {
    const atMs = this.#host.now() + this.#host.random() * this.#disk.options.delayMs
    await new Promise<void>(resolve => this.#host.timer(atMs, resolve))
    if (this.#crashed) await new Promise(() => {})
  }
}

function failed(path: string, reason: string): MillraceError {
  return new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${path} (${reason})`)
}
