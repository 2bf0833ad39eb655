/** An asynchronous function of each row run the slow way: one row after the other, each with its answer at once. */
import type { SampleRow } from '../batches.ts'
import type { OperatorEvent } from '../contracts/operator-events.ts'

export interface Segment {
  readonly rows: readonly SampleRow[]
  /** That none of them may pass; undefined: the end. */
  readonly watermark: number | undefined
}

/** What comes out between two watermarks. */
export function mapAsyncTwin(events: readonly OperatorEvent[], fn: (values: readonly unknown[]) => unknown): Segment[] {
  const segments: Segment[] = []
  let rows: SampleRow[] = []
  for (const event of events) {
    if (event.kind === 'row') rows.push({ values: [fn(event.row.values)], weight: 1, time: event.row.time })
    if (event.kind !== 'watermark') continue
    segments.push({ rows, watermark: event.time })
    rows = []
  }
  return [...segments, { rows, watermark: undefined }]
}
