/**
 * Whether memory stays flat: resident memory after 100 M rows of a keyed count over that after 20 M, in one job, a forced
 * collection before each reading. Readings are taken from within the source, so that all state is alive at both.
 */
import { blackhole, environment, type Source } from 'millrace'
import { type Bid, bids } from 'millrace/nexmark'
import { bidsAmong } from './bid-batches.ts'
import { BIDDERS } from './keyed-count.ts'

/** `events` in all; the first reading is after a fifth. */
export async function memoryGrowth(events: number): Promise<number> {
  const rows = bidsAmong(events)
  const readings: number[] = []
  const source = watched(bids({ events, bidders: BIDDERS }), [rows / 5, rows], () => {
    if (globalThis.gc === undefined) throw new Error('missing --expose-gc')
    globalThis.gc()
    readings.push(process.memoryUsage.rss())
  })
  await environment().stream(source).keyBy('bidder').count().to(blackhole()).run()
  const [early, late] = readings
  if (early === undefined || late === undefined) throw new Error(`missing readings: ${readings.length} of 2`)
  return late / early
}

/** The source, and a call when it has given each so many rows. */
function watched(source: Source<Bid, true>, marks: readonly number[], reached: () => void): Source<Bid, true> {
  return {
    label: source.label,
    schema: source.schema,
    bounded: true,
    prunes: source.prunes,
    splits: context => source.splits(context),
    open(split, context) {
      const reader = source.open(split, context)
      const left = [...marks]
      let rows = 0
      return {
        poll(maxRows) {
          while (left[0] !== undefined && rows >= left[0]) {
            left.shift()
            reached()
          }
          const batch = reader.poll(maxRows)
          if (typeof batch !== 'string') rows += batch.length
          return batch
        },
        offset: () => reader.offset(),
        close: () => reader.close(),
      }
    },
  }
}
