/** Plain objects and the user's own functions, as `core.objects` has them: `objects EVENTS PARALLELISM`. */
import { environment } from 'millrace'
import { bidsAmong } from '../core/bid-batches.ts'
import { objectBids, objectCounts } from '../core/objects.ts'
import { ready, tell } from './parent.ts'
import { rateOf, timedSink, timedSource } from './stopwatch.ts'

const [events, parallelism] = process.argv.slice(2).map(Number) as [number, number]

await ready()
const sink = timedSink()
await objectCounts(environment({ parallelism }).stream(timedSource(objectBids(events))))
  .to(sink)
  .run()
tell(rateOf(bidsAmong(events), sink))
