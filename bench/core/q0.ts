/** Nexmark query 0: every bid, unchanged. What it costs to pass rows through. */
import { Checksum } from '@millrace/connectors'
import { bids } from 'millrace/nexmark'
import type { Program } from '../harness/program.ts'
import { bidsAmong, readBids } from './bid-batches.ts'

export function q0(events: number): Program {
  return {
    rows: bidsAmong(events),
    plan: (env, sink) => env.stream(bids({ events })).to(sink),
    loop() {
      const checksum = new Checksum()
      const reader = readBids({ events }, ['auction', 'bidder', 'price', 'channel', 'url', 'dateTime', 'extra'])
      for (let batch = reader.next(); batch !== undefined; batch = reader.next()) checksum.add(batch)
      return checksum.toString()
    },
  }
}
