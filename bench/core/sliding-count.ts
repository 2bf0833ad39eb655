/**
 * Bids and highest price of each of 1,000 auctions in the last ten seconds, every so often, at a million events a
 * second of event time; all results are read.
 */
import { Batch, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { Checksum } from '@millrace/connectors'
import { count, max, sliding } from 'millrace'
import { bids } from 'millrace/nexmark'
import type { Program } from '../harness/program.ts'
import { bidsAmong, readBids } from './bid-batches.ts'
import { DenseIds } from './dense-ids.ts'
import { SlidingAggregate } from './sliding-aggregate.ts'

const AUCTIONS = 1000
const SIZE_MS = 10_000

export function slidingCount(events: number, slideMs: number): Program {
  const options = { events, auctions: AUCTIONS, eventsPerSecond: 1_000_000 }
  return {
    rows: bidsAmong(events),
    plan: (env, sink) =>
      env
        .stream(bids(options))
        .eventTime('dateTime')
        .keyBy('auction')
        .window(sliding(SIZE_MS, slideMs))
        .aggregate({ count: count(), max: max('price') })
        .to(sink),
    loop: () => loop(options, slideMs),
  }
}

/** One slice at a time is open; its end comes once an 80,000th row or so, so that rows are cut into runs before it. */
function loop(options: { events: number; auctions: number; eventsPerSecond: number }, slideMs: number): string {
  const results = new Results()
  const reader = readBids(options, ['auction', 'price', 'dateTime'])
  const auctions = new DenseIds()
  const ids = new Int32Array(1024)
  const windows = new SlidingAggregate(SIZE_MS / slideMs, AUCTIONS)
  let sliceEnd = Number.NaN
  for (let batch = reader.next(); batch !== undefined; batch = reader.next()) {
    const [keys, prices, times] = batch.columns as [Int32Column, Int32Column, DoubleColumn]
    auctions.resolve(keys.values, batch.length, ids)
    if (Number.isNaN(sliceEnd)) sliceEnd = Math.floor(times.values[0]! / slideMs) * slideMs + slideMs
    for (let row = 0; row < batch.length; ) {
      while (times.values[row]! >= sliceEnd) {
        windows.endSlice()
        results.add(auctions.keys, windows, sliceEnd)
        sliceEnd += slideMs
      }
      let end = batch.length
      if (times.values[end - 1]! >= sliceEnd) for (end = row + 1; times.values[end]! < sliceEnd; ) end++
      windows.add(ids, prices.values, row, end)
      row = end
    }
  }
  for (let slice = 0; slice < SIZE_MS / slideMs; slice++, sliceEnd += slideMs) {
    windows.endSlice()
    results.add(auctions.keys, windows, sliceEnd)
  }
  return results.checksum.toString()
}

/** The rows of ended windows, into the checksum. */
class Results {
  readonly checksum = new Checksum()
  readonly #keys = new Int32Array(AUCTIONS)
  readonly #starts = new Float64Array(AUCTIONS)
  readonly #ends = new Float64Array(AUCTIONS)
  readonly #counts = new Int32Array(AUCTIONS)
  readonly #maxima = new Int32Array(AUCTIONS)
  readonly #schema = Schema.record([
    field('auction', 'int32'),
    field('windowStart', 'timestamp'),
    field('windowEnd', 'timestamp'),
    field('count', 'int32'),
    field('max', 'int32'),
  ])

  add(keys: Int32Array, windows: SlidingAggregate, windowEnd: number): void {
    let rows = 0
    for (let id = 0; id < AUCTIONS; id++) {
      if (windows.counts[id] === 0) continue
      this.#keys[rows] = keys[id]!
      this.#counts[rows] = windows.counts[id]!
      this.#maxima[rows++] = windows.maxima[id]!
    }
    this.#starts.fill(windowEnd - SIZE_MS, 0, rows)
    this.#ends.fill(windowEnd, 0, rows)
    const columns = [
      new Int32Column(this.#keys),
      new DoubleColumn(this.#starts),
      new DoubleColumn(this.#ends),
      new Int32Column(this.#counts),
      new Int32Column(this.#maxima),
    ]
    this.checksum.add(new Batch(this.#schema, columns, rows))
  }
}
