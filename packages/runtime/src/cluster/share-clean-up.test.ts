import { counter, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { SimulatedHost } from '../host/simulated.ts'
import { onlySite } from '../lower/site.ts'
import type { Sink, SinkWriter } from '../sink.ts'
import { planNodes } from './planned.ts'
import type { FromSite } from './protocol.ts'
import { Share } from './share.ts'

const never = () => new Promise<void>(() => {})
const turns = async () => {
  for (let i = 0; i < 100; i++) await new Promise(resolve => setImmediate(resolve))
}

/** A share with a sink whose writer is in part the test's. */
function shareWith(own: Partial<SinkWriter>, cleanUpMs?: number) {
  const sink = recorder()
  const holding: Sink = {
    ...sink,
    open: async context => ({ ...(await sink.open(context)), ready: true, ...own }),
  }
  const host = new SimulatedHost(1)
  const said: FromSite[] = []
  const share = new Share({
    site: onlySite(planNodes([write(read(counter(5)), holding)], {})),
    host,
    batchRows: 1024,
    memory: 2 ** 24,
    metricsMs: 200,
    ...(cleanUpMs === undefined ? {} : { cleanUpMs }),
    post: message => said.push(message),
  })
  share.receive({ kind: 'begin', jobId: 'job', assignment: [[0, [{ id: 'all', number: 0 }]]] })
  const kinds = () => said.map(({ kind }) => kind).filter(kind => kind !== 'metrics')
  return { share, host, kinds }
}

test('a thread leaves though a sink never lets go, after a while', async () => {
  const { share, host, kinds } = shareWith({ close: never }, 10_000)
  await turns()
  share.receive({ kind: 'prepare', sinks: [1] })
  share.receive({ kind: 'leave' })
  await turns()
  expect(kinds()).toEqual(['done', 'prepared'])
  host.advance(20_000)
  await turns()
  expect(kinds()).toEqual(['done', 'prepared', 'left'])
})

test.each([
  [10_000, ['failed']],
  [undefined, []],
])('a failure is told though a sink aborts for ever, where it may take %s ms', async (cleanUpMs, told) => {
  const full = (): never => {
    throw new Error('full')
  }
  const { host, kinds } = shareWith({ abort: never, write: full }, cleanUpMs)
  await turns()
  expect(kinds()).toEqual([])
  host.advance(60_000)
  await turns()
  expect(kinds()).toEqual(told)
})
