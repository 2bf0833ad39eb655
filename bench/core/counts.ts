import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { Checksum } from '@millrace/connectors'

/** The checksum of rows of a key and its count. */
export function checksumOf(key: string, keys: Int32Array, counts: Int32Array, rows: number): string {
  const checksum = new Checksum()
  const schema = Schema.record([field(key, 'int32'), field('count', 'int32')])
  checksum.add(new Batch(schema, [new Int32Column(keys), new Int32Column(counts)], rows))
  return checksum.toString()
}
