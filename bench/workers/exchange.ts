/**
 * Bids counted by 130,000 bidders: `exchange WIDTH EVENTS PARALLELISM [SPLIT]`.
 *
 * PRUNED is the keyed count of the core suite: the key is all that has to be sent. FULL counts by day, all in one, and
 * keeps the bids that come too late for theirs; any could, so that every column of every bid is sent to the worker that
 * counts it. SPLIT is one of two halves of the events, which one worker counts for itself: the same work without an
 * exchange.
 */
import { blackhole, count, environment, type Job, type Source, tumbling } from 'millrace'
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
const source = timedSource(split === undefined ? all : half(all, Number(split)))
const env = environment({ parallelism: Number(parallelism) })
const sink = timedSink()
const late = blackhole()

function jobs(): Job[] {
  if (width === 'pruned') return [env.stream(source).keyBy('bidder').count().to(sink)]
  const daily = env
    .stream(source)
    .eventTime('dateTime')
    .keyBy('bidder')
    .window(tumbling('1d'))
    .aggregate({ bids: count() })
  return [daily.to(sink), daily.side('late').to(late)]
}

await ready()
await env.run(jobs())
if (late.rows > 0) throw new Error(`invalid result: ${late.rows} bids came late`)
tell(rateOf(bidsAmong(Number(events)) / (split === undefined ? 1 : 2), sink))
