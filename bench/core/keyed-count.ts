/**
 * How many bids each of 130,000 bidders has made so far: an updating result. The loop gives the final counts only; what
 * was taken back meanwhile leaves no trace in the checksum.
 */
import type { Int32Column } from '@millrace/algebra'
import { bids } from 'millrace/nexmark'
import type { Program } from '../harness/program.ts'
import { bidsAmong, readBids } from './bid-batches.ts'
import { checksumOf } from './counts.ts'
import { DenseIds } from './dense-ids.ts'

export const BIDDERS = 130_000

export function keyedCount(events: number): Program {
  const options = { events, bidders: BIDDERS }
  return {
    rows: bidsAmong(events),
    plan: (env, sink) => env.stream(bids(options)).keyBy('bidder').count().to(sink),
    loop() {
      const reader = readBids(options, ['bidder'])
      const bidders = new DenseIds()
      const counts = new Int32Array(BIDDERS)
      const ids = new Int32Array(1024)
      for (let batch = reader.next(); batch !== undefined; batch = reader.next()) {
        bidders.resolve((batch.columns[0] as Int32Column).values, batch.length, ids)
        for (let i = 0; i < batch.length; i++) counts[ids[i]!]!++
      }
      return checksumOf('bidder', bidders.keys, counts, bidders.size)
    },
  }
}
