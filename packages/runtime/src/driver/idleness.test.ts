/** Channels that fall idle and wake: what counts for the watermark, and what it may not do. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { describe, expect, test } from 'vitest'
import { accumulatorFor } from '../aggregate/accumulators.ts'
import { SimulatedHost } from '../host/simulated.ts'
import type { OperatorSpec } from '../operator.ts'
import { unionOperator } from '../operators/union.ts'
import { watermarkOperator } from '../operators/watermark.ts'
import { windowAggregateOperator } from '../operators/window-aggregate.ts'
import { InputPort } from './input-port.ts'
import { OperatorVertex } from './operator-vertex.ts'
import { type Control, isBatch, type StreamEvent } from './stream-event.ts'
import type { Vertex } from './vertex.ts'

const schema = Schema.record([field('n', 'int32')])
const union = () => unionOperator({ schema, inputs: [schema, schema], timed: true })

/** A vertex whose output goes to these ports. */
function vertexOf(id: number, spec: OperatorSpec, below: InputPort<Vertex>[] = []): OperatorVertex {
  const vertex = new OperatorVertex(id, spec, new SimulatedHost(1), { stalled: () => {}, blocked: () => {} })
  for (const _ of spec.outputs) vertex.outputs.push([])
  vertex.outputs[0]!.push(...below)
  return vertex
}

/** Writes down what a vertex sends. */
class Listener extends InputPort<Vertex> {
  readonly heard: StreamEvent[] = []

  override push(event: StreamEvent): void {
    this.heard.push(event)
  }

  get controls(): readonly (number | string)[] {
    return this.heard.flatMap((e): (number | string)[] =>
      isBatch(e) ? [] : e.kind === 'watermark' ? [e.time] : [e.kind],
    )
  }
}

function listen(spec: OperatorSpec): { vertex: OperatorVertex; listener: Listener } {
  const vertex = vertexOf(0, spec)
  const listener = new Listener(vertex, 0)
  vertex.outputs[0]!.push(listener)
  return { vertex, listener }
}

const watermark = (time: number): Control => ({ kind: 'watermark', time })
const idle: Control = { kind: 'idle' }
const rowAt = (time: number): Batch =>
  new Batch(schema, [new Int32Column(Int32Array.of(time))], 1, null, null, Float64Array.of(time))

function send(vertex: OperatorVertex, input: number, ...events: readonly StreamEvent[]): void {
  for (const event of events) vertex.inputs[input]!.push(event, 0)
}

describe('an operator of two inputs', () => {
  test('does not wait for an idle one, and says when both are', () => {
    const { vertex, listener } = listen(union())
    send(vertex, 0, watermark(10))
    send(vertex, 1, watermark(30))
    send(vertex, 0, idle)
    send(vertex, 1, watermark(40), idle, idle)
    expect(listener.controls).toEqual([10, 30, 40, 'idle'])
  })

  test('takes its time back from what has ended or is idle, never below what it sent', () => {
    const { vertex, listener } = listen(union())
    send(vertex, 0, watermark(10), idle)
    send(vertex, 1, watermark(50))
    send(vertex, 0, watermark(20))
    expect(vertex.watermark).toBe(50)
    send(vertex, 1, watermark(60))
    expect(vertex.watermark).toBe(50) // the other is there again, and at 20
    send(vertex, 0, { kind: 'end' })
    expect(listener.controls).toEqual([50, 60])
  })

  test('that wakes without time moving says again where it stands', () => {
    const { vertex, listener } = listen(union())
    send(vertex, 0, watermark(10))
    send(vertex, 1, watermark(30), idle)
    send(vertex, 0, idle, watermark(10))
    expect(listener.controls).toEqual([10, 'idle', 10])
    send(vertex, 0, watermark(11))
    expect(listener.controls).toEqual([10, 'idle', 10, 11])
  })

  test('that makes watermarks of its own forwards neither idleness nor time', () => {
    const strategy = { disorderMs: 0, idleMs: undefined, everyRows: 100 }
    const { vertex, listener } = listen(watermarkOperator({ schema, strategy }))
    send(vertex, 0, watermark(10), idle, watermark(10), watermark(20))
    expect(listener.controls).toEqual([])
  })
})

describe('below a channel that woke', () => {
  const output = Schema.record([
    field('windowStart', 'timestamp'),
    field('windowEnd', 'timestamp'),
    field('n', 'double'),
  ])
  const window = { kind: 'tumbling', sizeMs: 10, slideMs: 10, offsetMs: 0 } as const
  const aggregates = [{ accumulator: accumulatorFor('count', null), column: -1 }]

  /** A union of `idles` and input 1, with `idles` a union too, and windows below. */
  function cascade() {
    const windows = vertexOf(
      2,
      windowAggregateOperator({ label: 'windows', schema, key: [], window, aggregates, output }),
    )
    const below = vertexOf(1, union(), [windows.inputs[0]!])
    const idles = vertexOf(0, union(), [below.inputs[0]!])
    return { idles, below, windows }
  }

  test('nobody runs ahead of it any longer', () => {
    const { idles, below } = cascade()
    send(idles, 0, watermark(10), idle)
    send(idles, 1, watermark(12), idle)
    send(below, 1, watermark(50))
    expect(below.watermark).toBe(50)
    send(idles, 0, watermark(10))
    send(below, 1, watermark(90))
    expect(below.watermark).toBe(50)
    send(idles, 0, watermark(70))
    expect(below.watermark).toBe(70)
  })

  test('rows older than what was sent meanwhile are late', () => {
    const { idles, below, windows } = cascade()
    send(idles, 0, watermark(10), idle)
    send(idles, 1, idle)
    send(below, 1, watermark(49))
    send(idles, 0, watermark(10), rowAt(20), rowAt(60))
    expect(windows.counters.late).toBe(1)
    expect(windows.watermark).toBe(49)
    send(idles, 0, { kind: 'end' })
    send(idles, 1, { kind: 'end' })
    send(below, 1, { kind: 'end' })
    expect(windows.rowsOut).toBe(1 + 1) // the late row, and the window of the other
  })
})
