/** One small value for the whole subtask: a watermark, a count of rows. Must be JSON, or numbers JSON cannot hold. */

import { AnyColumn, Batch, Schema } from '@millrace/algebra'
import type { StateHandle, StatePart } from './handle.ts'

export class CellState<T> implements StateHandle {
  value: T

  constructor(initial: T) {
    this.value = initial
  }

  snapshot(): StatePart[] {
    return [
      { group: -1, meta: null, batch: new Batch(Schema.opaque, [new AnyColumn([structuredClone(this.value)])], 1) },
    ]
  }

  restore(parts: readonly StatePart[]): void {
    for (const { batch } of parts) if (batch !== null) this.value = structuredClone(batch.get(0, 0)) as T
  }
}
