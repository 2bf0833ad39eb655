/**
 * Bids counted by 130,000 bidders: `exchange WIDTH EVENTS PARALLELISM [SPLIT]`.
 *
 * PRUNED counts only, so that the key is all that has to be sent. FULL also counts the bids that lack something, for
 * which a worker has to be sent every column of every bid. SPLIT is one of two halves of the events, which one worker
 * counts for itself: the same work without an exchange.
 */
import { count, environment, type Source, sum, when } from 'millrace'
import { type Bid, bids } from 'millrace/nexmark'
import { bidsAmong } from '../core/bid-batches.ts'
import { BIDDERS } from '../core/keyed-count.ts'
import { ready, tell } from './parent.ts'
import { rateOf, timedSink, timedSource } from './stopwatch.ts'

const [width, events, parallelism, split] = process.argv.slice(2)

/** One split of two. */
function half(source: Source<Bid, true>, index: number): Source<Bid, true> {
  return {
    label: source.label,
    schema: source.schema,
    bounded: true,
    prunes: source.prunes,
    splits: async context => [(await source.splits(context))[index]!],
    open: (given, context) => source.open(given, context),
  }
}

const all = bids({ events: Number(events), bidders: BIDDERS, splits: 2 })
const source = split === undefined ? all : half(all, Number(split))
const rows = bidsAmong(Number(events)) / (split === undefined ? 1 : 2)
await ready()
const sink = timedSink()
const keyed = environment({ parallelism: Number(parallelism) })
  .stream(timedSource(source))
  .keyBy('bidder')
if (width === 'pruned') await keyed.count().to(sink).run()
else
  await keyed
    .aggregate(c => {
      const { auction, price, channel, url, dateTime, extra } = c
      const missing = [auction, price, channel, url, dateTime, extra].map(column => column.isNull())
      return {
        count: count(),
        incomplete: sum(
          when(
            missing.reduce((a, b) => a.or(b)),
            1,
            0,
          ),
        ),
      }
    })
    .to(sink)
    .run()
tell(rateOf(rows, sink))
