/** A file while it is written: its bytes, and what its format knows of it. */
import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json, WriterContext } from '@millrace/runtime'
import type { Compression } from '../compression.ts'
import type { PartState } from './files-state.ts'
import type { StagedHandle } from './publish.ts'
import type { Rolling } from './rolling.ts'
import { StagedFile } from './staged-file.ts'

/** How rows of a format become a file. It has written what stands at a file's beginning when it is made. */
export interface FileBody {
  /** False while it is busy. */
  readonly ready: boolean
  /** Throws a MillraceError for a value that cannot be written. */
  write(batch: Batch): void
  /** Hands everything it was given to the file. */
  flush(): Promise<void>
  /** The same, and what stands at a file's end. */
  end(): Promise<void>
  /** What another needs to go on behind what was flushed. */
  state(): Json
  /** Gives up; resolves when it touches the file no more. */
  stop(): Promise<void>
}

/** Which files to write, and how. */
export interface FilesSpec {
  readonly path: string
  readonly ending: string
  readonly compression: Compression
  readonly rolling: Rolling | undefined
  readonly format: string
  /** The columns, as far as all rows of a file must have the same. */
  readonly shape: string
  /** @param restored what the `state` of another body was, whose file this one continues */
  body(file: StagedFile, restored?: Json): FileBody
}

export class Part {
  readonly file: StagedFile
  readonly body: FileBody
  readonly openedMs: number
  rows = 0
  /** A checkpoint may name it. */
  kept = false
  readonly #format: string
  readonly #shape: string

  private constructor(file: StagedFile, body: FileBody, format: string, shape: string, openedMs: number) {
    this.file = file
    this.body = body
    this.openedMs = openedMs
    this.#format = format
    this.#shape = shape
  }

  /** Throws a MillraceError if there can be no such file. */
  static begin(spec: FilesSpec, target: string, context: WriterContext): Part {
    const file = StagedFile.create(target, spec.compression, context)
    return new Part(file, spec.body(file), spec.format, spec.shape, context.host.now())
  }

  /** Throws a MillraceError if the file is not there, or is of another format. */
  static resume(spec: FilesSpec, state: PartState, context: WriterContext): Part {
    if (state.format !== spec.format) throw mismatch(`invalid format: ${spec.format} (it was ${state.format})`, state)
    const file = StagedFile.resume(state, spec.compression, context)
    const part = new Part(file, spec.body(file, state.body), state.format, state.shape, state.openedMs)
    part.rows = state.rows
    part.kept = true
    return part
  }

  write(batch: Batch): void {
    this.body.write(batch)
    this.rows += batch.length
  }

  get ready(): boolean {
    return this.file.ready && this.body.ready
  }

  async end(): Promise<StagedHandle> {
    await this.body.end()
    return this.file.finish()
  }

  /** Everything written is durable under the hidden name, and can be continued from `state`. */
  async settle(): Promise<void> {
    await this.body.flush()
    await this.file.durable()
  }

  state(): PartState {
    const { file, rows, openedMs } = this
    const { temp, target, length: bytes } = file
    return { temp, target, bytes, rows, openedMs, format: this.#format, shape: this.#shape, body: this.body.state() }
  }

  /** Gives up: the file goes unless it is kept. */
  async drop(kept: boolean): Promise<void> {
    await this.body.stop()
    await (kept ? this.file.release() : this.file.discard())
  }
}

/** What a file that is to go on cannot have. */
export function mismatch(message: string, { target }: PartState): MillraceError {
  return new MillraceError('STATE_MISMATCH', message, {
    at: target,
    hint: 'A file that was begun before the checkpoint waits for its end: keep what it has, or start without the checkpoint.',
  })
}
