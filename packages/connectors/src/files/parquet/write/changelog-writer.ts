import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import type { Json, SinkWriter, WriterState } from '@millrace/runtime'

/** The schema of rows together with their weights. */
export function withWeight(schema: Schema): Schema {
  return Schema.record([...schema.fields, field('weight', 'int32')])
}

/** Makes the weights of rows a column of theirs. */
export class ChangelogWriter implements SinkWriter {
  readonly #writer: SinkWriter
  readonly #schema: Schema

  /** @param schema with the weight, as the writer has it */
  constructor(writer: SinkWriter, schema: Schema) {
    this.#writer = writer
    this.#schema = schema
  }
  get ready(): boolean {
    return this.#writer.ready
  }
  write({ columns, length, selection, weights }: Batch): void {
    const last = selection === null ? length - 1 : (selection[length - 1] ?? -1)
    const column = new Int32Column(weights ?? new Int32Array(last + 1).fill(1))
    this.#writer.write(new Batch(this.#schema, [...columns, column], length, selection))
  }
  prepareCommit(last?: boolean): Promise<readonly Json[]> {
    return this.#writer.prepareCommit(last)
  }
  snapshot(): WriterState | null {
    return this.#writer.snapshot?.() ?? null
  }
  abort(): Promise<void> {
    return this.#writer.abort()
  }
  close(): Promise<void> {
    return this.#writer.close()
  }
}
