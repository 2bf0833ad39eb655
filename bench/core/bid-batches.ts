/**
 * The input of every loop: the same generator, in the same batches, with the columns that the query needs, as the
 * engine's planner would ask for them.
 */
import { BATCH_ROWS, type Batch, Schema } from '@millrace/algebra'
import type { Bid, NexmarkOptions } from 'millrace/nexmark'
import { bids } from 'millrace/nexmark'

export interface BatchReader {
  readonly schema: Schema
  next(): Batch | undefined
}

export function readBids(options: NexmarkOptions, columns: readonly (keyof Bid)[], split = '0/1'): BatchReader {
  const source = bids(options)
  const schema = Schema.record(columns.map(name => source.schema.fields[Schema.indexOf(source.schema, name)]!))
  const unused = (): never => {
    throw new Error('the generator has no use for this')
  }
  const host = new Proxy({} as never, { get: unused })
  const reader = source.open({ id: split }, { host, schema, predicates: [], wake: unused, reject: unused })
  return {
    schema,
    next() {
      const batch = reader.poll(BATCH_ROWS)
      return typeof batch === 'string' ? undefined : batch
    },
  }
}

/** The bids among so many events, a multiple of fifty. */
export function bidsAmong(events: number): number {
  return (events / 50) * 46
}
