/** The graphs of all sites of a job, joined by channels that are plain queues: what runs where, and who feeds whom. */
import {
  aggregateNode,
  eventTimeNode,
  functionNode,
  type PlanNode,
  type SinkNode,
  sinkNode,
  sourceNode,
  unionNode,
} from '@millrace/plan'
import { byK, counter, place, recorder } from '@millrace/testing/jobs'
import { expect, test } from 'vitest'
import type { ChannelReceiver, ChannelSender } from '../channel/channel.ts'
import { InputPort } from '../driver/input-port.ts'
import type { Graph } from '../driver/job.ts'
import type { StreamEvent } from '../driver/stream-event.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { distribute } from './distribute.ts'
import { instantiate } from './instantiate.ts'
import { lower } from './lower.ts'
import { routesOf } from './routes.ts'

type Sent = { readonly event: StreamEvent; readonly split: number }

/** The sites of a plan; `queues` by route: `node.input: from to to`. */
function sitesOf(sinks: readonly SinkNode[], workers: number) {
  const nodes = distribute(lower(sinks))
  const queues = new Map(
    routesOf(nodes, workers).map(r => [`${r.node}.${r.input}: ${r.from} to ${r.to}`, [] as Sent[]]),
  )
  const queue = (name: string): Sent[] => {
    const found = queues.get(name)
    if (found === undefined) throw new Error(`no route ${name}`)
    return found
  }
  const graphs = Array.from({ length: workers + 1 }, (_, index): Graph => {
    const sender = (node: number, input: number, to: number): ChannelSender => {
      const waiting = queue(`${node}.${input}: ${index} to ${to}`)
      return {
        send: (event, split) => void waiting.push({ event, split }),
        full: false,
        flush: () => false,
        waitingBytes: 0,
      }
    }
    const receiver = (node: number, input: number, from: number): ChannelReceiver => {
      const waiting = queue(`${node}.${input}: ${from} to ${index}`)
      return {
        get queued() {
          return waiting.length
        },
        receive: () => waiting.shift(),
        release: () => {},
      }
    }
    const surroundings = { stalled: () => {}, blocked: () => {} }
    const site = { nodes, index, workers, sender, receiver }
    return instantiate({
      site,
      host: new SimulatedHost(1),
      jobId: 'job',
      checkpointed: false,
      surroundings,
      report: () => {},
    })
  })
  return { graphs, queues }
}

const read = (at?: 'caller'): PlanNode =>
  sourceNode({ source: { ...counter(9), ...(at === undefined ? {} : { place: at }) } as never, ...place })
const counted = (input: PlanNode): PlanNode => {
  const aggregates = [{ name: 'n', aggregate: 'count', argument: null }] as const
  return aggregateNode({ input, key: byK, window: null, aggregates, ...place })
}
const write = (input: PlanNode): SinkNode => sinkNode({ input, sink: recorder(), ...place })

function shape({ sources, operators, sinks, senders, unfed }: Graph) {
  const labels = [...sources, ...operators, ...sinks].map(v => v.label)
  const ports = [...operators, ...sinks].map(v => v.inputs.map(p => (p.remote ? 'remote' : 'here')).join(' '))
  return { labels, ports, senders: senders.length, unfed: unfed.length }
}

test('every worker has its share, joined to all the others where rows change places', () => {
  const { graphs } = sitesOf([write(counted(read()))], 3)
  const [first, second, third, caller] = graphs.map(shape)
  const share = { labels: ['counter', 'columns', 'aggregate'], ports: ['here', 'here remote remote'], unfed: 0 }
  expect(second).toMatchObject({ ...share, ports: ['here', 'remote here remote'], senders: 3 })
  expect(third).toMatchObject({ ...share, ports: ['here', 'remote remote here'], senders: 3 })
  expect(first).toEqual({
    labels: [...share.labels, 'recorder'],
    ports: [...share.ports, 'here remote remote'],
    senders: 2,
    unfed: 0,
  })
  expect(caller).toEqual({ labels: [], ports: [], senders: 0, unfed: 0 })
})

test('what the caller reads goes to the first worker, and by key to all', () => {
  const passed = functionNode({ kind: 'filter', input: read('caller'), fn: () => true, ...place })
  const { graphs } = sitesOf([write(counted(passed))], 2)
  expect(graphs.map(shape)).toMatchObject([
    { labels: ['filter columns', 'aggregate', 'recorder'], unfed: 0 },
    { labels: ['aggregate'], unfed: 0 },
    { labels: ['counter'], senders: 1, unfed: 0 },
  ])
})

test('an input that nobody feeds here is known, so that it can be ended', () => {
  const both = unionNode({ inputs: [read('caller'), read()], ...place })
  const { graphs } = sitesOf([write(both)], 3)
  expect(graphs.map(g => g.unfed.length)).toEqual([0, 1, 1, 0])
  const [union] = graphs[1]!.operators
  expect(graphs[1]!.unfed).toEqual([union!.inputs[0]])
  expect(graphs.map(g => shape(g).ports)).toEqual([
    ['remote here', 'here remote remote'],
    ['here here'],
    ['here here'],
    [],
  ])
})

test('what is sent comes out where it should, and once', () => {
  const { graphs, queues } = sitesOf([write(counted(read()))], 2)
  const counts = () => [...queues].map(([name, sent]) => `${name}: ${sent.length}`)
  graphs[0]!.sources[0]!.broadcast({ kind: 'watermark', time: 5 })
  const [columns, own] = graphs[0]!.operators
  expect(columns!.watermark).toBe(5)
  expect(own!.watermark).toBe(Number.NEGATIVE_INFINITY) // the other worker has said nothing yet
  expect(counts()).toEqual(['2.0: 0 to 1: 1', '2.0: 1 to 0: 0', '3.0: 1 to 0: 0'])
  const other = graphs[1]!.operators[1]!
  expect(other.inputs.map(p => p.queued)).toEqual([1, 0])
  expect(other.visit(16, () => 0)).toBe(true)
  expect(other.watermark).toBe(Number.NEGATIVE_INFINITY)
  graphs[1]!.sources[0]!.broadcast({ kind: 'watermark', time: 3 })
  expect(other.watermark).toBe(3)
  expect(counts()).toEqual(['2.0: 0 to 1: 0', '2.0: 1 to 0: 1', '3.0: 1 to 0: 1'])
})

test('of splits hears who makes watermarks, and nobody else', () => {
  const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 7 }
  const timed = (input: PlanNode) => eventTimeNode({ input, time: (r: { t: number }) => r.t, strategy, ...place })
  const told = (sink: SinkNode) => {
    const [{ sources, operators }] = sitesOf([sink], 2).graphs as [Graph]
    const nameOf = (outlet: unknown) => (outlet instanceof InputPort ? outlet.vertex.label : 'all')
    return [...sources, ...operators].flatMap(v => v.splitOutputs.map(outlet => `${v.label}: ${nameOf(outlet)}`))
  }
  const first = counted(timed(read()))
  expect(told(write(first))).toEqual(['counter: eventTime', 'eventTime: watermarks'])
  const last = timed(counted(read()))
  expect(told(write(last))).toEqual([
    'counter: columns',
    'columns: all',
    'aggregate: eventTime',
    'eventTime: watermarks',
  ])
})

test('jobs that update need epochs on every site', () => {
  const appending = { ...counter(9), bounded: false }
  const updating = counted(sourceNode({ source: appending, ...place }))
  expect(sitesOf([write(updating)], 2).graphs.map(g => g.needsEpochs)).toEqual([true, true, true])
  expect(sitesOf([write(counted(read()))], 2).graphs.map(g => g.needsEpochs)).toEqual([false, false, false])
})
