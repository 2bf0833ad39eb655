/**
 * Whether memory stays flat: resident memory after 100 M rows of a keyed count over that after 20 M, in one job, a forced
 * collection before each reading. Readings are taken from within the source, so that all state is alive at both.
 */
import { blackhole, environment } from 'millrace'
import { bids } from 'millrace/nexmark'
import { bidsAmong } from './bid-batches.ts'
import { BIDDERS } from './keyed-count.ts'
import { observed } from './observed-source.ts'

/** `events` in all; the first reading is after a fifth. */
export async function memoryGrowth(events: number): Promise<number> {
  const rows = bidsAmong(events)
  const readings: number[] = []
  const source = observed(
    bids({ events, bidders: BIDDERS }),
    whenReached([rows / 5, rows], () => readings.push(memory())),
  )
  await environment().stream(source).keyBy('bidder').count().to(blackhole()).run()
  const [early, late] = readings
  if (early === undefined || late === undefined) throw new Error(`missing readings: ${readings.length} of 2`)
  return late / early
}

/** Bytes, after a collection. */
export function memory(): number {
  if (globalThis.gc === undefined) throw new Error('missing --expose-gc')
  globalThis.gc()
  return process.memoryUsage.rss()
}

/** Makes a call, once each, when so many rows have been seen. */
export function whenReached(marks: readonly number[], reached: () => void): (rows: number) => void {
  const left = [...marks]
  return rows => {
    while (left[0] !== undefined && rows >= left[0]) {
      left.shift()
      reached()
    }
  }
}
