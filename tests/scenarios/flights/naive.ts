/**
 * The flights scenario once more, row by row over arrays and Maps: a check of the SQL oracle, which shares nothing
 * with it but the statement of the problem. `dropFirst` joins before it makes watermarks, which is wrong: it is here
 * to show that the difference would be seen.
 */
import type { DelayWindow, LateRows, WindowSpec } from './oracle.ts'

export interface Flight {
  readonly date: Date
  readonly delay: bigint
  readonly origin: string
}

export function naive(
  flights: Flight[],
  stateOf: Map<string, string>,
  disorderMs: number,
  { sizeMs, slideMs }: WindowSpec,
  dropFirst = false,
): { windows: DelayWindow[]; late: LateRows } {
  const open = new Map<string, { state: string; start: number; delays: number[] }>()
  const late = { rows: 0, delays: 0, positions: 0 }
  let [newest, watermark] = [-Infinity, -Infinity]
  const source = dropFirst ? flights.filter(f => stateOf.has(f.origin)) : flights
  source.forEach((flight, i) => {
    const [state, delay] = [stateOf.get(flight.origin), Number(flight.delay)]
    const time = flight.date.getTime() + delay * 60_000
    let windows = 0
    for (let start = Math.floor(time / slideMs) * slideMs; start > time - sizeMs; start -= slideMs) {
      if (state === undefined || start + sizeMs - 1 <= watermark) continue
      const window = open.get(`${start} ${state}`) ?? { state, start, delays: [] }
      open.set(`${start} ${state}`, window)
      windows = window.delays.push(delay)
    }
    if (state !== undefined && windows === 0) {
      late.rows++
      late.delays += delay
      late.positions += i + 1
    }
    newest = Math.max(newest, time)
    if ((i + 1) % 1024 === 0) watermark = newest - disorderMs - 1
  })
  const windows = [...open.values()].map(w => ({
    state: w.state,
    windowStart: w.start,
    windowEnd: w.start + sizeMs,
    departures: w.delays.length,
    meanDelay: w.delays.reduce((a, b) => a + b) / w.delays.length,
    worstDelay: w.delays.reduce((a, b) => Math.max(a, b)),
  }))
  return { windows: windows.sort((a, b) => a.windowStart - b.windowStart || (a.state < b.state ? -1 : 1)), late }
}
