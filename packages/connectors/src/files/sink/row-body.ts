import type { Batch } from '@millrace/algebra'
import type { Json } from '@millrace/runtime'
import type { ByteSink } from './byte-sink.ts'
import type { FileBody } from './part.ts'
import type { StagedFile } from './staged-file.ts'

/** How rows become bytes. */
export interface RowEncoder {
  /** What stands before the first row of a file. */
  begin(out: ByteSink): void
  /** Throws a MillraceError for a value that cannot be written. */
  encode(batch: Batch, out: ByteSink): void
}

/** Writes a file row after row. */
export class RowBody implements FileBody {
  readonly ready = true
  readonly #file: StagedFile
  readonly #encoder: RowEncoder
  readonly #out: ByteSink

  /** @param out empty; a writer has one for all its files */
  constructor(file: StagedFile, encoder: RowEncoder, out: ByteSink, continues: boolean) {
    this.#file = file
    this.#encoder = encoder
    this.#out = out
    if (!continues) encoder.begin(out)
  }

  write(batch: Batch): void {
    this.#encoder.encode(batch, this.#out)
    if (this.#out.full) this.#file.write(this.#out.take())
  }
  async flush(): Promise<void> {
    if (this.#out.length > 0) this.#file.write(this.#out.take())
  }
  end(): Promise<void> {
    return this.flush()
  }
  state(): Json {
    return null
  }
  async stop(): Promise<void> {}
}
