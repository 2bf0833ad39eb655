import type { Schema } from '@millrace/algebra'
import type { SinkWriter, WriterContext } from '@millrace/runtime'
import { ByteSink } from './byte-sink.ts'
import { FilesWriter } from './files-writer.ts'
import type { FilesSpec } from './part.ts'
import { RowBody, type RowEncoder } from './row-body.ts'

/** A writer of files that are written row after row. */
export function rowFiles(spec: Omit<FilesSpec, 'body'>, encoder: RowEncoder, context: WriterContext): SinkWriter {
  const out = new ByteSink()
  const body: FilesSpec['body'] = (file, restored) =>
    restored === undefined ? new RowBody(file, encoder, out, false) : new RowBody(file, encoder, new ByteSink(), true)
  return new FilesWriter({ ...spec, body }, context)
}

/** The columns of a file whose rows must all have the same. */
export function shapeOf(schema: Schema, changelog: boolean): string {
  const columns = schema.fields.map(({ name, type, nullable }) => [name, type.kind, nullable])
  return JSON.stringify(changelog ? [...columns, 'weight'] : columns)
}
