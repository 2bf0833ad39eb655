/** A share by itself: when it gives up, and what it then leaves alone. */
import { aggregateNode, functionNode, type PlanNode } from '@millrace/plan'
import { byK, counter, place, read, recorder, write } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import { SimulatedHost } from '../host/simulated.ts'
import { onlySite } from '../lower/site.ts'
import type { Sink } from '../sink.ts'
import { planNodes } from './planned.ts'
import type { FromSite } from './protocol.ts'
import { Share } from './share.ts'

/** A share of one source and what is made of it, into these sinks. */
function shareOf(sinks: readonly Sink[], rows: PlanNode = read(counter(3))) {
  const said: FromSite[] = []
  const nodes = planNodes(
    sinks.map(sink => write(rows, sink)),
    {},
  )
  const share = new Share({
    site: onlySite(nodes),
    host: new SimulatedHost(1),
    batchRows: 7,
    memory: 1e6,
    metricsMs: 1e6,
    post: message => said.push(message),
  })
  const ids = nodes.flatMap(({ node }, i) => (node.kind === 'sink' ? [i] : []))
  const kinds = () => said.map(({ kind }) => kind)
  const until = async (kind: FromSite['kind']) => {
    while (!kinds().includes(kind)) await new Promise(resolve => setImmediate(resolve))
  }
  const prepared = async () => {
    begin(share)
    await until('done')
    share.receive({ kind: 'prepare', sinks: ids })
    await until('prepared')
  }
  return { share, said, ids, kinds, until, prepared }
}

test('what fails beside the job once its output is prepared leaves that to the coordinator', async () => {
  const sinks = [recorder(), recorder()]
  const { share, said, ids, kinds, until, prepared } = shareOf(sinks)
  await prepared()
  const error = new Error('nobody caught it')
  share.fail(error)
  await until('failed')
  expect(said.at(-1)).toEqual({ kind: 'failed', error })
  expect(sinks.map(({ calls }) => calls)).toEqual([['prepare'], ['prepare']])
  share.receive({ kind: 'cancel', committed: ids.slice(0, 1) })
  await until('left')
  expect(sinks.map(({ calls }) => calls)).toEqual([
    ['prepare', 'close'],
    ['prepare', 'abort'],
  ])
  expect(kinds().slice(-3)).toEqual(['prepared', 'failed', 'left'])
})

test('a writer that fails to close takes back nothing of what is in place', async () => {
  const failing = recorder()
  const open = failing.open.bind(failing)
  const stuck: Sink = {
    ...failing,
    open: async c => ({ ...(await open(c)), ready: true, close: () => Promise.reject(0) }),
  }
  const other = recorder()
  const { share, ids, until, prepared } = shareOf([stuck, other])
  await prepared()
  share.receive({ kind: 'leave' })
  await until('failed')
  share.receive({ kind: 'cancel', committed: ids })
  await until('left')
  expect([failing.calls, other.calls]).toEqual([['prepare'], ['prepare', 'close']])
})

const map = (input: PlanNode, fn: (row: never) => unknown) => functionNode({ kind: 'map', input, fn, ...place })

/** Of a source without end: what changes comes when an epoch ends. */
const counts = (input: PlanNode) =>
  aggregateNode({
    input,
    key: byK,
    window: null,
    aggregates: [{ name: 'n', aggregate: 'count', argument: null }],
    ...place,
  })

function begin(share: Share): void {
  share.receive({ kind: 'begin', jobId: 'job', assignment: [[0, [{ id: '0', number: 0 }]]] })
}

test('one that has given up ends no epoch: nothing is written any more', async () => {
  let at = 0
  const tenth = (row: unknown) => {
    if (++at === 10) throw new RangeError('no tenth')
    return row
  }
  const sink = recorder()
  const { share, until } = shareOf([sink], counts(map(read(counter(undefined)), tenth)))
  begin(share)
  await until('failed')
  share.receive({ kind: 'epoch', epoch: 1 })
  expect([sink.rows, sink.calls]).toEqual([[], ['abort']])
})

test('what a function throws at the end of an epoch fails the share', async () => {
  const thrown = () => {
    throw new RangeError('no counts')
  }
  const { share, said, until } = shareOf([recorder()], map(counts(read(counter(undefined))), thrown))
  begin(share)
  await until('wantsEpoch')
  share.receive({ kind: 'epoch', epoch: 1 })
  await until('failed')
  expect(said.at(-1)).toMatchObject({ error: { message: 'no counts' } })
})
