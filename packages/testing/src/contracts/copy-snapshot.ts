/** A snapshot as another process would read it: nothing shared with the original, every batch built anew from values. */
import { type Batch, BatchBuilder } from '@millrace/algebra'
import type { OperatorSnapshot, StatePart } from '@millrace/runtime/inside'
import { rowsOf } from '../batches.ts'

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
  const builder = new BatchBuilder(batch.schema, batch.length)
  for (const { values, weight, time } of rowsOf(batch)) {
    values.forEach((value, c) => {
      builder.columns[c].append(structuredClone(value))
    })
    builder.endRow(weight, time)
  }
  return builder.take()
}
