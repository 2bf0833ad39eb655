/**
 * The two phases of a writer of files, whatever their format: files are staged while written, published at the commit.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Json, WriterContext } from '@millrace/runtime'
import type { Compression } from '../compression.ts'
import { StagedFile } from './staged-file.ts'
import type { Targets } from './targets.ts'

export class TwoPhaseFiles {
  readonly #targets: Targets
  readonly #compression: Compression
  readonly #context: WriterContext
  /** Hidden files that have been ended, but for those known to be published. */
  #prepared: string[] = []
  #open: StagedFile | undefined

  /** Opens the first file, so that what cannot be written is known at once. */
  constructor(targets: Targets, compression: Compression, context: WriterContext) {
    this.#targets = targets
    this.#compression = compression
    this.#context = context
    try {
      this.#open = this.#stage()
    } catch (error) {
      targets.removeFolders()
      throw error
    }
  }

  /** The file being written; undefined between a preparation and `reopen`. */
  get open(): StagedFile | undefined {
    return this.#open
  }
  reopen(): StagedFile {
    this.#open = this.#stage()
    return this.#open
  }
  get ready(): boolean {
    return this.#open?.ready ?? true
  }

  /** Ends the open file, if any, and makes it durable. */
  async prepare(): Promise<readonly Json[]> {
    const file = this.#open
    if (file === undefined) return []
    const handle = await file.finish()
    this.#prepared = [...this.#prepared.filter(temp => existsSync(temp)), handle.temp]
    this.#open = undefined
    return [handle]
  }

  async abort(): Promise<void> {
    await this.#open?.discard()
    this.#open = undefined
    for (const temp of this.#prepared) await rm(temp, { force: true })
    this.#prepared = []
    this.#targets.removeFolders()
  }

  #stage(): StagedFile {
    return new StagedFile(this.#targets.next(), this.#compression, this.#context)
  }
}
