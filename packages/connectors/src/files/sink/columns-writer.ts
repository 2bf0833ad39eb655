import { type Batch, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Json, SinkWriter, WriterContext, WriterState } from '@millrace/runtime'
import { type Conform, columnsNeeded, conform } from './conform.ts'

/** A writer of formats that have columns: what it is given is first made the rows that were declared, if any were. */
export class ColumnsWriter implements SinkWriter {
  readonly #conform: Conform
  readonly #writer: SinkWriter

  private constructor(conform: Conform, writer: SinkWriter) {
    this.#conform = conform
    this.#writer = writer
  }

  /**
   * @param declared the columns to write; undefined: all that the stream has
   * @param changelog a column `weight` will be added
   * @param make makes the writer for these columns
   * Throws a MillraceError if the stream has not the columns.
   */
  static open(
    label: string,
    declared: Schema | undefined,
    changelog: boolean,
    context: WriterContext,
    make: (schema: Schema) => SinkWriter,
  ): SinkWriter {
    const schema = declared ?? context.schema
    if (Schema.isOpaque(schema)) throw columnsNeeded(label)
    if (changelog && Schema.indexOf(schema, 'weight') >= 0)
      throw new MillraceError('COLUMN_CLASH', 'invalid column to write: "weight" (the changelog adds one of that name)')
    const fitting = conform(context.schema, schema)
    return new ColumnsWriter(fitting, make(schema))
  }

  get ready(): boolean {
    return this.#writer.ready
  }
  write(batch: Batch): void {
    this.#writer.write(this.#conform(batch))
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
