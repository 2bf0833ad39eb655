import type { SampleRow } from '../batches.ts'
import type { OperatorEvent } from '../contracts/operator-events.ts'
import { type NaiveCall, naiveAggregate, naiveGroups } from './aggregate.ts'

export interface NaiveWindow {
  readonly sizeMs: number
  readonly slideMs: number
  readonly offsetMs: number
}

/** All windows of a time, by trying. */
function windowsOf(time: number, { sizeMs, slideMs, offsetMs }: NaiveWindow): number[] {
  const starts: number[] = []
  for (let start = offsetMs - 1000 * slideMs; start <= time; start += slideMs)
    if (start + sizeMs > time) starts.push(start)
  return starts
}

/** Windows whose end a watermark, or the end of input, has reached, and late rows, from the whole input. */
export function windowAggregateTwin(
  events: readonly OperatorEvent[],
  key: readonly number[],
  calls: readonly NaiveCall[],
  window: NaiveWindow,
): { port: number; row: SampleRow }[] {
  const out: { port: number; row: SampleRow }[] = []
  const open: { start: number; values: readonly unknown[] }[] = []
  let watermark = Number.NEGATIVE_INFINITY
  const close = (): void => {
    const due = [...new Set(open.map(o => o.start))]
      .filter(s => s + window.sizeMs - 1 <= watermark)
      .sort((a, b) => a - b)
    for (const start of due) {
      const rows = open.filter(o => o.start === start).map(o => o.values)
      for (const group of naiveGroups(rows, key)) {
        const values = [
          ...key.map(k => group[0]![k]),
          start,
          start + window.sizeMs,
          ...calls.map(c => naiveAggregate(c, group)),
        ]
        out.push({ port: 0, row: { values, weight: 1, time: start + window.sizeMs - 1 } })
      }
    }
    open.splice(0, open.length, ...open.filter(o => !due.includes(o.start)))
  }
  for (const event of events) {
    if (event.kind === 'watermark') watermark = Math.max(watermark, event.time)
    if (event.kind === 'end') watermark = Number.POSITIVE_INFINITY
    if (event.kind === 'row') {
      const starts = windowsOf(event.row.time!, window)
      const still = starts.filter(start => start + window.sizeMs - 1 > watermark)
      if (starts.length > 0 && still.length === 0) out.push({ port: 1, row: event.row })
      for (const start of still) open.push({ start, values: event.row.values })
    } else close()
  }
  return out
}
