/** Nexmark query 1: every bid, its price in another currency: a double, not rounded. */
import { Batch, DoubleColumn, type Int32Column, Schema } from '@millrace/algebra'
import { Checksum } from '@millrace/connectors'
import { bids } from 'millrace/nexmark'
import type { Program } from '../harness/program.ts'
import { bidsAmong, readBids } from './bid-batches.ts'

const EUROS = 0.908
const columns = ['auction', 'bidder', 'price', 'channel', 'url', 'dateTime', 'extra'] as const

export function q1(events: number): Program {
  return {
    rows: bidsAmong(events),
    plan: (env, sink) =>
      env
        .stream(bids({ events }))
        .select(c => ({ ...c, price: c.price.times(EUROS) }))
        .to(sink),
    loop() {
      const checksum = new Checksum()
      const reader = readBids({ events }, columns)
      const schema = Schema.record(
        reader.schema.fields.map(f => (f.name === 'price' ? { ...f, type: { kind: 'double' } } : f)),
      )
      const euros = new Float64Array(1024)
      for (let batch = reader.next(); batch !== undefined; batch = reader.next()) {
        const prices = (batch.columns[2] as Int32Column).values
        for (let i = 0; i < batch.length; i++) euros[i] = prices[i]! * EUROS
        const converted = [...batch.columns]
        converted[2] = new DoubleColumn(euros)
        checksum.add(new Batch(schema, converted, batch.length))
      }
      return checksum.toString()
    },
  }
}
