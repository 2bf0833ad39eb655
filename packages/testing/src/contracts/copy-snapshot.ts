/** A snapshot as another process would read it: by way of bytes, nothing shared with the original. */
import { type Batch, decodeBatch, encodeBatch, FrameWriter } from '@millrace/algebra'
import type { OperatorSnapshot, StatePart } from '@millrace/runtime/inside'

export function copySnapshot(snapshot: OperatorSnapshot): OperatorSnapshot {
  return new Map([...snapshot].map(([name, parts]) => [name, parts.map(copyPart)]))
}

function copyPart({ group, meta, batch }: StatePart): StatePart {
  return {
    group,
    meta: JSON.parse(JSON.stringify(meta)) as StatePart['meta'],
    batch: batch === null ? null : copyBatch(batch),
  }
}

function copyBatch(batch: Batch): Batch {
  const writer = new FrameWriter()
  encodeBatch(batch, writer)
  return decodeBatch(writer.written(), batch.schema, { trusted: false, received: null, damaged: error => error })
}
