/**
 * Resident memory after all rows over that after a fifth of them, of a keyed count on so many workers: `memory EVENTS
 * PARALLELISM`. Each worker collects its garbage and reads when its source comes to its part of the rows; the last to read
 * counts. Run with --expose-gc.
 */
import { environment } from 'millrace'
import { bids } from 'millrace/nexmark'
import { bidsAmong } from '../core/bid-batches.ts'
import { BIDDERS } from '../core/keyed-count.ts'
import { memory, whenReached } from '../core/memory-growth.ts'
import { observed } from '../core/observed-source.ts'
import { micros } from './clock.ts'
import { ready, tell } from './parent.ts'
import { reportingBlackhole } from './reporting-sink.ts'

/** Of this thread: when, and how many bytes. */
type Reading = readonly [at: number, bytes: number]
const readings: Reading[] = []

const [events, parallelism] = process.argv.slice(2).map(Number) as [number, number]
const rows = bidsAmong(events) / parallelism
const source = bids({ events, bidders: BIDDERS, splits: parallelism })
const read = whenReached([rows / 5, rows], () => {
  const bytes = memory()
  readings.push([micros(), bytes])
})

await ready()
const sink = reportingBlackhole<readonly Reading[]>(() => readings)
await environment({ parallelism }).stream(observed(source, read)).keyBy('bidder').count().to(sink).run()

function lastOf(mark: number): number {
  const all = sink.reports.flatMap(report => report.slice(mark, mark + 1))
  if (all.length !== parallelism) throw new Error(`missing readings: ${all.length} of ${parallelism}`)
  return all.reduce((a, b) => (b[0] > a[0] ? b : a))[1]
}

tell(lastOf(1) / lastOf(0))
