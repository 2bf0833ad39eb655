/** Inputs of several channels, epochs that wait for one another, and stops, which are no ends. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { expect, test } from 'vitest'
import type { ChannelReceiver } from '../channel/channel.ts'
import { SimulatedHost } from '../host/simulated.ts'
import { type InputSpec, operatorSpec } from '../operator.ts'
import { OperatorVertex } from './operator-vertex.ts'
import type { Control, StreamEvent } from './stream-event.ts'
import { LAST_EPOCH, type PortSpec } from './vertex.ts'

const schema = Schema.record([field('n', 'int32')])
const rows = new Batch(schema, [new Int32Column(Int32Array.of(1))], 1)
const end: Control = { kind: 'end' }
const stopped: Control = { kind: 'stopped' }
const watermark = (time: number): Control => ({ kind: 'watermark', time })
const epoch = (n: number): Control => ({ kind: 'epoch', epoch: n, barrier: false })

/** A vertex that notes what its operator is told and what it sends; `ports`: the input of each. */
function setting(inputs: readonly Partial<InputSpec>[], ports: readonly PortSpec[]) {
  const told: string[] = []
  const sent: string[] = []
  const note = (name: string) => (of: number) => {
    told.push(`${name} ${of === LAST_EPOCH ? 'last' : of}`)
    return true
  }
  const spec = operatorSpec({
    label: 'op',
    inputs: inputs.map(input => ({ schema, ...input })),
    outputs: [schema],
    state: {},
    create: () => ({
      process: (_, input) => void told.push(`rows ${input}`),
      onWatermark: note('watermark'),
      onEpoch: note('epoch'),
      onInputEnd: note('end'),
      onEnd: () => {
        told.push('over')
        return true
      },
    }),
  })
  const surroundings = { stalled: () => {}, blocked: () => {} }
  const vertex = new OperatorVertex(0, spec, new SimulatedHost(1), surroundings, ports)
  const listener = {
    full: false,
    push: (event: StreamEvent) =>
      void sent.push('time' in event ? `${event.time}` : 'kind' in event ? event.kind : 'rows'),
  }
  vertex.outputs.push([listener])
  vertex.seeDownstream()
  const give = (port: number, ...events: readonly StreamEvent[]) => {
    for (const event of events) vertex.inputs[port]!.push(event, 0)
  }
  return { vertex, told, sent, give, listener }
}

const here = (...inputs: readonly number[]): PortSpec[] => inputs.map(input => ({ input, channel: 'local' }))

test('an input has ended when all its channels have, and stands where the last of them does', () => {
  const { told, sent, give } = setting([{}, {}], here(0, 0, 1))
  give(0, watermark(10), rows)
  give(2, watermark(30))
  give(1, watermark(20), rows)
  expect(told).toEqual(['rows 0', 'watermark 10', 'rows 0'])
  give(0, end)
  expect(told.slice(3)).toEqual(['watermark 20'])
  give(1, end)
  expect(told.slice(4)).toEqual(['end 0', 'watermark 30'])
  give(2, end)
  expect(told.slice(6)).toEqual(['end 1', 'watermark Infinity', 'epoch last', 'over'])
  expect(sent).toEqual(['10', '20', '30', 'Infinity', 'end'])
})

test('an epoch is over when every channel has said so, and what follows on one of them waits', () => {
  const { told, sent, give } = setting([{}, {}], here(0, 0, 1))
  give(0, epoch(1), rows)
  give(1, rows, epoch(1))
  expect(told).toEqual(['rows 0'])
  give(2, epoch(1))
  expect([told.slice(1), sent]).toEqual([['epoch 1'], ['epoch']])
  give(1, end)
  give(2, epoch(2))
  expect(told.slice(2)).toEqual([])
})

test('what comes from another site is left in its channel while there is no room below', () => {
  const waiting: StreamEvent[] = [rows, watermark(5)]
  const channel: ChannelReceiver = {
    get queued() {
      return waiting.length
    },
    receive: () => ({ event: waiting.shift()!, split: 0 }),
    release: () => {},
  }
  const { vertex, told, listener } = setting([{}], [{ input: 0, channel }])
  expect([vertex.restless, vertex.full]).toEqual([true, false])
  listener.full = true
  expect([vertex.full, vertex.visit(16, () => 0), told]).toEqual([true, false, []])
  listener.full = false
  expect(vertex.visit(16, () => 0)).toBe(true)
  expect(told).toEqual(['rows 0', 'watermark 5'])
})

test('a stop ends the epoch, and nothing else: time does not go on to its end', () => {
  const { vertex, told, sent, give } = setting([{}, {}], here(0, 1))
  give(0, watermark(10), stopped)
  expect([vertex.ended, sent]).toEqual([false, []])
  give(1, watermark(20), rows, stopped)
  expect(told).toEqual(['watermark 10', 'rows 1', 'epoch last'])
  expect(sent).toEqual(['10', 'stopped'])
  expect([vertex.ended, vertex.stopped, vertex.watermark]).toEqual([true, true, 10])
})

test('what was stopped holds up no epoch; where another input has ended it is a stop all the same', () => {
  const { vertex, told, sent, give } = setting([{}, {}], here(0, 1))
  give(0, stopped)
  give(1, rows, epoch(1), rows, end)
  expect(told).toEqual(['rows 1', 'epoch 1', 'rows 1', 'end 1', 'epoch last'])
  expect(sent).toEqual(['epoch', 'stopped'])
  expect(vertex.stopped).toBe(true)
})

test('without the whole of its build side the rest of the input is read and left', () => {
  const { vertex, told, sent, give } = setting([{}, { build: true }], here(0, 1))
  give(1, rows, stopped)
  give(0, rows, watermark(5), epoch(1), end)
  expect(told).toEqual(['rows 1'])
  expect(sent).toEqual(['stopped'])
  expect([vertex.ended, vertex.stopped]).toEqual([true, true])
})

test('a build side of which one channel was stopped and another has ended leaves nothing kept', () => {
  const { vertex, sent, give } = setting([{ early: true }, { build: true }], here(0, 1, 1))
  give(0, rows, end)
  give(1, stopped)
  give(2, end)
  expect([vertex.ended, sent]).toEqual([true, ['stopped']])
})

test('an input that is kept to its end holds up no epoch of its other channels', () => {
  const { vertex, told, sent, give } = setting([{ early: true }, { build: true }], here(0, 0, 1))
  give(1, epoch(1), rows)
  expect(vertex.inputs[1]!.queued).toBe(1)
  give(0, rows, end)
  vertex.visit(9, () => 0)
  give(1, epoch(2), rows, end)
  expect([vertex.inputs[1]!.queued, told, sent]).toEqual([0, ['epoch 1', 'epoch 2'], ['epoch', 'epoch']])
  give(2, end)
  expect(told.slice(2)).toEqual(['end 1', 'rows 0', 'rows 0', 'end 0', 'watermark Infinity', 'epoch last', 'over'])
  expect(vertex.ended).toBe(true)
})
