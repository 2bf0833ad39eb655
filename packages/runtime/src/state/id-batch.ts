/** Batches of pieces: lists of ids, and those with opaque values. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'

const idSchema = Schema.record([field('id', 'int32')])

export function isOpaque(batch: Batch | null): boolean {
  return batch?.columns.some(column => column.kind === 'any') === true
}

export function idBatch(ids: Int32Array): Batch {
  return new Batch(idSchema, [new Int32Column(ids.slice())], ids.length)
}
