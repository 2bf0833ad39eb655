import type { SampleRow } from '../batches.ts'
import type { OperatorEvent } from '../contracts/operator-events.ts'

export type NaiveOutput =
  | { readonly kind: 'row'; readonly row: SampleRow }
  | { readonly kind: 'watermark'; readonly time: number }

/** Every row, and behind each at which its split's watermark moved the least of the open splits' watermarks, if it grew. */
export function watermarkTwin(events: readonly OperatorEvent[], everyRows: number, disorderMs: number): NaiveOutput[] {
  const out: NaiveOutput[] = []
  const times = new Map<number, number[]>()
  let sent = Number.NEGATIVE_INFINITY
  const markOf = (rows: readonly number[]): number => {
    const whole = rows.slice(0, Math.floor(rows.length / everyRows) * everyRows)
    return Math.max(...whole) - disorderMs - 1
  }
  const send = (): void => {
    const least = Math.min(...[...times.values()].map(markOf))
    if (times.size === 0 || least <= sent) return
    sent = least
    out.push({ kind: 'watermark', time: least })
  }
  for (const event of events) {
    if (event.kind === 'row') {
      const rows = times.get(event.split) ?? []
      times.set(event.split, rows)
      rows.push(event.row.time!)
      out.push({ kind: 'row', row: event.row })
      if (rows.length % everyRows === 0) send()
    }
    if (event.kind === 'splitEnd' && times.delete(event.split)) send()
    if (event.kind === 'end') out.push({ kind: 'watermark', time: Number.POSITIVE_INFINITY })
  }
  return out
}
