import type { Batch } from '@millrace/algebra'
import type { Json, SinkWriter } from '@millrace/runtime'
import { ByteSink } from './byte-sink.ts'
import type { TwoPhaseFiles } from './two-phase-files.ts'

/** How rows become bytes. */
export interface RowEncoder {
  /** What stands before the first row of a file. */
  begin(out: ByteSink): void
  /** Throws a MillraceError for a value that cannot be written. */
  encode(batch: Batch, out: ByteSink): void
}

/** Writes files row after row. */
export class RowFileWriter implements SinkWriter {
  readonly #files: TwoPhaseFiles
  readonly #encoder: RowEncoder
  readonly #out = new ByteSink()

  constructor(files: TwoPhaseFiles, encoder: RowEncoder) {
    this.#files = files
    this.#encoder = encoder
    encoder.begin(this.#out)
  }

  get ready(): boolean {
    return this.#files.ready
  }
  write(batch: Batch): void {
    if (this.#files.open === undefined) {
      this.#files.reopen()
      this.#encoder.begin(this.#out)
    }
    this.#encoder.encode(batch, this.#out)
    if (this.#out.full) this.#files.open!.write(this.#out.take())
  }
  async prepareCommit(): Promise<readonly Json[]> {
    if (this.#out.length > 0) this.#files.open!.write(this.#out.take())
    return this.#files.prepare()
  }
  abort(): Promise<void> {
    return this.#files.abort()
  }
  async close(): Promise<void> {}
}
