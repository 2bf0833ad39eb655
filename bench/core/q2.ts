/** Nexmark query 2: auction and price of the bids on every 123rd auction. */
import type { Int32Column } from '@millrace/algebra'
import { Checksum } from '@millrace/connectors'
import { bids } from 'millrace/nexmark'
import type { Program } from '../harness/program.ts'
import { bidsAmong, readBids } from './bid-batches.ts'

export function q2(events: number): Program {
  return {
    rows: bidsAmong(events),
    plan: (env, sink) =>
      env
        .stream(bids({ events }))
        .where(c => c.auction.modulo(123).eq(0))
        .pick('auction', 'price')
        .to(sink),
    loop() {
      const checksum = new Checksum()
      const reader = readBids({ events }, ['auction', 'price'])
      const selection = new Int32Array(1024)
      for (let batch = reader.next(); batch !== undefined; batch = reader.next()) {
        const auctions = (batch.columns[0] as Int32Column).values
        let selected = 0
        for (let i = 0; i < batch.length; i++) if (auctions[i]! % 123 === 0) selection[selected++] = i
        checksum.add(batch.select(selection, selected))
      }
      return checksum.toString()
    },
  }
}
