/** CPU seconds a second of a live job that gets no rows, over so many seconds: `idle SECONDS PARALLELISM`. */
import { setTimeout as sleep } from 'node:timers/promises'
import { schemaOf } from '@millrace/runtime'
import { blackhole, environment, int32, type JobEvent, type Source } from 'millrace'
import { ready, tell } from './parent.ts'

const SETTLE_MS = 1000

const [seconds, parallelism] = process.argv.slice(2).map(Number) as [number, number]

const silent: Source<{ n: number }, false> = {
  label: 'silence',
  schema: schemaOf({ n: int32 }),
  bounded: false,
  prunes: false,
  splits: async ({ parallelism }) => Array.from({ length: parallelism }, (_, i) => ({ id: `${i}` })),
  open: () => ({ poll: () => 'wait', offset: () => null, close() {} }),
}

const done = new Error('measured')
const end = new AbortController()

async function measure(): Promise<number> {
  await sleep(SETTLE_MS)
  const [cpu, began] = [process.cpuUsage(), performance.now()]
  await sleep(seconds * 1000)
  const { user, system } = process.cpuUsage(cpu)
  return (user + system) / 1000 / (performance.now() - began)
}

await ready()
let measured = Promise.resolve(Number.NaN)
const onEvent = ({ kind }: JobEvent): void => {
  if (kind === 'started') measured = measure().finally(() => end.abort(done))
}
const counts = environment({ parallelism }).stream(silent).keyBy('n').count()
await counts
  .to(blackhole())
  .run({ signal: end.signal, onEvent })
  .catch((error: unknown) => {
    if (error !== done) throw error
  })
tell(await measured)
