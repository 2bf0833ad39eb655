/**
 * The two phases of a writer of files, whatever their format: files are staged while written, published at the commit.
 *
 * A part of a folder is ended when it is large enough and, in a job with checkpoints, when one comes at which it is due
 * (`rolling.ts`). What is not ended at a checkpoint, a single file for one, is made durable where it lies and continued:
 * the snapshot says how long it was, and a new writer cuts off what came behind.
 */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Batch } from '@millrace/algebra'
import type { Json, SinkWriter, WriterContext, WriterState } from '@millrace/runtime'
import { type FilesState, restoredStates } from './files-state.ts'
import { type FilesSpec, mismatch, Part } from './part.ts'
import type { StagedHandle } from './publish.ts'
import { PART_BYTES } from './rolling.ts'
import { Targets } from './targets.ts'

export class FilesWriter implements SinkWriter {
  readonly #spec: FilesSpec
  readonly #context: WriterContext
  readonly #targets: Targets
  /** A part is not longer, but for its last batch. */
  readonly #bytes: number
  #open: Part | undefined
  /** Of other subtasks, or other columns: to be ended at the next preparation. */
  #inherited: Part[] = []
  /** Ended since the last preparation; whether a checkpoint may name the file. */
  #ended: { readonly handle: StagedHandle; readonly kept: boolean }[] = []
  /** Hidden files that this writer has prepared, but for those known to be published. */
  #prepared: string[] = []
  #rolling: Promise<void> | undefined
  #failure: unknown

  /** Opens the first file, so that what cannot be written is known at once. */
  constructor(spec: FilesSpec, context: WriterContext) {
    this.#spec = spec
    this.#context = context
    this.#targets = new Targets(spec.path, spec.ending, context)
    const { rolling } = spec
    const usual = context.checkpointed && context.collection !== 'bounded' ? PART_BYTES : Number.POSITIVE_INFINITY
    this.#bytes = this.#targets.inFolder ? (rolling?.bytes ?? usual) : Number.POSITIVE_INFINITY
    try {
      const states = restoredStates(context)
      if (states !== undefined) this.#resume(states)
      if (this.#targets.count === 0) this.#open ??= this.#begin()
    } catch (error) {
      for (const part of this.#parts) void part.drop(true)
      this.#targets.removeFolders()
      throw error
    }
  }

  get ready(): boolean {
    if (this.#failure !== undefined) return true
    return this.#rolling === undefined && (this.#open?.ready ?? true)
  }

  write(batch: Batch): void {
    if (this.#failure !== undefined) throw this.#failure
    if (batch.length === 0) return
    this.#open ??= this.#begin()
    this.#open.write(batch)
    if (this.#open.file.length >= this.#bytes) this.#roll(this.#open)
  }

  async prepareCommit(last = !this.#context.checkpointed): Promise<readonly Json[]> {
    await this.#rolling
    if (this.#failure !== undefined) throw this.#failure
    for (const part of this.#inherited.splice(0)) await this.#end(part)
    const part = this.#open
    if (part !== undefined) {
      if (last || this.#isDue(part)) await this.#end(part)
      else if (part.rows > 0) await part.settle()
    }
    const handles = this.#ended.splice(0).map(({ handle }) => handle)
    if (!this.#context.checkpointed)
      this.#prepared = [...this.#prepared.filter(temp => existsSync(temp)), ...handles.map(({ temp }) => temp)]
    return handles
  }

  /** A file without rows is not worth remembering: another is begun in its place. */
  snapshot(): WriterState {
    const { subtask } = this.#context
    const part = this.#open
    const { count, replaces, former } = this.#targets
    const about = { subtask, replaces, former }
    if (part?.rows === 0) return { meta: { ...about, count: count - 1, open: null } satisfies FilesState, batch: null }
    if (part !== undefined) part.kept = true
    return { meta: { ...about, count, open: part?.state() ?? null } satisfies FilesState, batch: null }
  }

  async abort(): Promise<void> {
    await this.#rolling
    for (const part of this.#parts) await part.drop(part.kept)
    const gone = this.#ended.splice(0).filter(({ kept }) => !kept)
    for (const temp of [...this.#prepared, ...gone.map(({ handle }) => handle.temp)]) await rm(temp, { force: true })
    this.#prepared = []
    this.#targets.removeFolders()
  }

  async close(): Promise<void> {
    for (const part of this.#parts) await part.drop(part.kept)
  }

  get #parts(): readonly Part[] {
    return this.#open === undefined ? this.#inherited : [this.#open, ...this.#inherited]
  }

  #begin(): Part {
    return Part.begin(this.#spec, this.#targets.next(), this.#context)
  }

  #resume(states: readonly FilesState[]): void {
    for (const { open } of states) {
      if (open === null) continue
      const part = Part.resume(this.#spec, open, this.#context)
      const same = open.shape === this.#spec.shape
      const own = this.#targets.isOwn(open.target)
      if (own && same && this.#open === undefined) this.#open = part
      else this.#inherited.push(part)
      if (own && !same && !this.#targets.inFolder)
        throw mismatch(`invalid columns: ${this.#spec.shape} (the file has ${open.shape})`, open)
    }
  }

  #isDue(part: Part): boolean {
    if (!this.#targets.inFolder || part.rows === 0) return false
    const { rolling } = this.#spec
    // a bounded result is seen at its end, however many parts it has
    if (rolling === undefined) return this.#context.collection !== 'bounded'
    return this.#context.host.now() - part.openedMs >= rolling.everyMs
  }

  async #end(part: Part): Promise<void> {
    this.#ended.push({ handle: await part.end(), kept: part.kept })
    if (part === this.#open) this.#open = undefined
  }

  #roll(part: Part): void {
    this.#rolling = this.#end(part)
      .catch(error => {
        this.#failure = error
      })
      .finally(() => {
        this.#rolling = undefined
        this.#context.wake()
      })
  }
}
