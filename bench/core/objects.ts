/** Plain objects and the user's own functions: bids in another currency, those above a threshold, counted by bidder. */
import type { Int32Column } from '@millrace/algebra'
import { AnyColumn, Batch, Schema } from '@millrace/algebra'
import type { DataStream, Source } from 'millrace'
import type { Program } from '../harness/program.ts'
import { type BatchReader, bidsAmong, readBids } from './bid-batches.ts'
import { checksumOf } from './counts.ts'

const BIDDERS = 10_000
const columns = ['auction', 'bidder', 'price'] as const

export interface PlainBid {
  readonly auction: number
  readonly bidder: number
  readonly price: number
}

export function objectBids(events: number): Source<PlainBid, true> {
  return plainBids(split => readBids({ events, bidders: BIDDERS }, columns, split))
}

export function objectCounts(plainBids: DataStream<PlainBid>): DataStream<{ key: number; count: number }, 'updating'> {
  return plainBids
    .map(bid => ({ bidder: bid.bidder, euros: bid.price * 0.908 }))
    .filter(bid => bid.euros > 1000)
    .keyBy(bid => bid.bidder)
    .count()
}

export function objects(events: number): Program {
  const options = { events, bidders: BIDDERS }
  return {
    rows: bidsAmong(events),
    plan: (env, sink) => objectCounts(env.stream(objectBids(events))).to(sink),
    loop() {
      const reader = readBids(options, columns)
      const counts = new Map<number, number>()
      for (let rows = plainRows(reader); rows !== undefined; rows = plainRows(reader))
        for (const row of rows) {
          const bid = { bidder: row.bidder, euros: row.price * 0.908 }
          if (bid.euros > 1000) counts.set(bid.bidder, (counts.get(bid.bidder) ?? 0) + 1)
        }
      return checksumOf('key', Int32Array.from(counts.keys()), Int32Array.from(counts.values()), counts.size)
    },
  }
}

/** The next batch as objects. */
function plainRows(reader: BatchReader): PlainBid[] | undefined {
  const batch = reader.next()
  if (batch === undefined) return undefined
  const [auctions, bidders, prices] = (batch.columns as Int32Column[]).map(({ values }) => values) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ]
  const rows = new Array<PlainBid>(batch.length)
  for (let i = 0; i < batch.length; i++) rows[i] = { auction: auctions[i]!, bidder: bidders[i]!, price: prices[i]! }
  return rows
}

/** A source of objects of which the engine knows nothing. */
function plainBids(open: (split: string) => BatchReader): Source<PlainBid, true> {
  return {
    label: 'plain bids',
    schema: Schema.opaque,
    bounded: true,
    prunes: false,
    splits: async ({ parallelism }) => Array.from({ length: parallelism }, (_, i) => ({ id: `${i}/${parallelism}` })),
    open({ id }, { schema }) {
      const reader = open(id)
      return {
        poll() {
          const rows = plainRows(reader)
          return rows === undefined ? 'end' : new Batch(schema, [new AnyColumn(rows)], rows.length)
        },
        offset: () => null,
        close() {},
      }
    },
  }
}
