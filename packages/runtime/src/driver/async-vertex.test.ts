/** A vertex whose operator asks for something outside: what passes what, and what is in a snapshot. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { ManualHost } from '@millrace/testing/contracts/manual-host'
import { describe, expect, test } from 'vitest'
import { mapAsyncOperator } from '../operators/map-async.ts'
import type { StatePart } from '../state/handle.ts'
import { MARKS_LOST } from '../state/requests.ts'
import { InputPort } from './input-port.ts'
import { OperatorVertex } from './operator-vertex.ts'
import { type Control, isBatch, type StreamEvent } from './stream-event.ts'
import type { Surroundings } from './vertex.ts'
import type { RestoredVertex } from './vertex-record.ts'

const schema = Schema.record([field('n', 'int32')])

class Below extends InputPort<OperatorVertex> {
  readonly seen: unknown[] = []
  enough = false

  override get full(): boolean {
    return this.enough
  }

  override push(event: StreamEvent): void {
    if (isBatch(event)) for (let i = 0; i < event.length; i++) this.seen.push(event.get(0, i))
    else this.seen.push(shown(event))
  }
}

function shown(control: Control): string {
  switch (control.kind) {
    case 'watermark':
      return `watermark ${control.time}`
    case 'epoch':
      return `${control.barrier ? 'barrier' : 'epoch'} ${control.epoch}`
    default:
      return control.kind
  }
}

interface Told {
  readonly epoch: number
  readonly from: RestoredVertex
  readonly rows: readonly unknown[]
}

function rowsIn(parts: readonly StatePart[]): unknown[] {
  return parts.flatMap(({ batch }) =>
    batch === null ? [] : Array.from({ length: batch.length }, (_, i) => (batch.get(0, i) as { n: number }).n),
  )
}

function world(options: { capacity?: number; ordered?: boolean; from?: RestoredVertex } = {}) {
  const answers = new Map<number, (value: unknown) => void>()
  const signals = new Map<number, AbortSignal>()
  const told: Told[] = []
  const around = { awaited: undefined as number | undefined, epoch: 0, suspended: false }
  const surroundings: Surroundings = {
    stalled: () => {},
    blocked: () => {},
    awaitedBarrier: () => around.awaited,
    get epoch() {
      return around.epoch
    },
    get suspended() {
      return around.suspended
    },
    snapshot: (of, epoch, record) => {
      const states = (of as OperatorVertex).state.snapshot()
      told.push({ epoch, from: { record, states, moved: false, formerly: 1 }, rows: rowsIn(states.get('requests')!) })
      around.awaited = undefined
    },
  }
  const calls = {
    fn: (({ n }: { n: number }, { signal }: { signal: AbortSignal }) => {
      signals.set(n, signal)
      return new Promise(resolve => answers.set(n, resolve))
    }) as never,
    timeoutMs: 1000,
    attempts: 1,
    backoffMs: () => 1,
    retries: () => true,
  }
  const { capacity = 10, ordered = true, from } = options
  const spec = mapAsyncOperator({ label: 'mapAsync', schema, output: schema, calls, capacity, ordered })
  const host = new ManualHost()
  const vertex = new OperatorVertex(0, spec, host, surroundings)
  const below = new Below(vertex, 0)
  vertex.outputs.push([below])
  vertex.seeDownstream()
  if (from !== undefined) vertex.restore(from)
  const [input] = vertex.inputs
  return {
    vertex,
    below,
    told,
    signals,
    around,
    host,
    rows: (...values: number[]) =>
      input!.push(new Batch(schema, [new Int32Column(Int32Array.from(values))], values.length), 0),
    send: (...controls: Control[]) => {
      for (const control of controls) input!.push(control, 0)
    },
    answer: async (...values: number[]) => {
      for (const n of values) answers.get(n)!({ n })
      await new Promise(resolve => setImmediate(resolve))
      vertex.visit(16, () => 0)
    },
    visit: () => vertex.visit(16, () => 0),
    asked: () => [...answers.keys()],
  }
}

const watermark = (time: number): Control => ({ kind: 'watermark', time })
const idle: Control = { kind: 'idle' }
const end: Control = { kind: 'end' }
const stopped: Control = { kind: 'stopped' }
const barrier = (epoch: number): Control => ({ kind: 'epoch', epoch, barrier: true })

describe('time', () => {
  test('waits behind the rows before it, and so does idleness', async () => {
    const { below, rows, send, answer } = world()
    send(watermark(1), idle)
    expect(below.seen).toEqual(['watermark 1', 'idle'])
    rows(1, 2)
    send(watermark(5), idle)
    await answer(2)
    expect(below.seen.slice(2)).toEqual([])
    await answer(1)
    expect(below.seen.slice(2)).toEqual([1, 2, 'watermark 5', 'idle'])
  })

  test('is said again by an input that wakes where it was', async () => {
    const { below, rows, send, answer } = world()
    send(watermark(1))
    rows(1)
    send(idle, watermark(1))
    await answer(1)
    expect(below.seen).toEqual(['watermark 1', 1, 'idle', 'watermark 1'])
  })

  test('without order nothing passes a watermark, in either direction', async () => {
    const { below, rows, send, answer } = world({ ordered: false })
    rows(1, 2)
    send(watermark(5))
    rows(3, 4)
    send(watermark(6))
    await answer(4, 2)
    expect(below.seen).toEqual([2])
    await answer(1)
    expect(below.seen).toEqual([2, 1, 'watermark 5', 4])
    await answer(3)
    expect(below.seen).toEqual([2, 1, 'watermark 5', 4, 3, 'watermark 6'])
  })
})

describe('backpressure', () => {
  test('with enough rows its input waits; below a full channel answers do', async () => {
    const { below, rows, answer, asked, vertex } = world({ capacity: 2 })
    rows(1, 2, 3)
    rows(4)
    expect([asked(), vertex.inputs[0]!.queued]).toEqual([[1, 2], 1])
    below.enough = true
    await answer(1)
    expect([below.seen, vertex.restless]).toEqual([[], true])
    below.enough = false
    await answer(2)
    expect(below.seen).toEqual([1, 2])
    expect([asked(), vertex.inputs[0]!.queued]).toEqual([[1, 2, 3, 4], 0])
  })
})

describe('a barrier', () => {
  test('passes what is asked for, which is in the snapshot; restored, it is asked for again', async () => {
    const before = world()
    before.rows(1, 2, 3)
    await before.answer(1, 3)
    before.send(watermark(7), barrier(1))
    expect(before.below.seen).toEqual([1, 'barrier 1'])
    expect(before.told[0]!.rows).toEqual([2, 3])
    const after = world({ from: before.told[0]!.from })
    expect(after.asked()).toEqual([2, 3])
    await after.answer(3)
    await after.answer(2)
    expect(after.below.seen).toEqual([2, 3, 'watermark 7'])
  })

  test('is not held up by rows that wait for capacity: they are taken while it is awaited', () => {
    const { rows, send, told, around, vertex, visit, asked } = world({ capacity: 1 })
    rows(1)
    rows(2)
    rows(3)
    send(barrier(1))
    rows(4)
    expect([told.length, vertex.inputs[0]!.queued]).toEqual([0, 4])
    around.awaited = 1
    visit()
    expect([told[0]!.rows, asked()]).toEqual([[1, 2, 3], [1]])
    expect(vertex.inputs[0]!.queued).toBe(1) // what is behind it waits
  })

  test('answers that have come and could not go on are asked for again', async () => {
    const { below, rows, send, answer, told } = world()
    rows(1)
    below.enough = true
    await answer(1)
    send(barrier(1))
    expect(told[0]!.rows).toEqual([1])
  })
})

describe('the end of the input', () => {
  test('waits for every answer', async () => {
    const { below, rows, send, answer, vertex } = world()
    rows(1, 2)
    send(end)
    expect([below.seen, vertex.ended]).toEqual([[], false])
    await answer(2, 1)
    expect([below.seen, vertex.ended]).toEqual([[1, 2, 'watermark Infinity', 'end'], true])
  })

  test('meanwhile it is cut as a source is, and goes on from there', async () => {
    const before = world()
    before.rows(1, 2)
    before.send(end)
    await before.answer(1)
    before.around.epoch = 3
    before.visit()
    before.around.awaited = before.around.epoch = 4
    before.visit()
    before.visit()
    expect(before.below.seen).toEqual([1, 'epoch 3', 'barrier 4'])
    expect(before.told.map(({ epoch, rows }) => [epoch, rows])).toEqual([[4, [2]]])
    const after = world({ from: before.told[0]!.from })
    after.send(end) // said again by what had ended
    await after.answer(2)
    expect([after.below.seen, after.vertex.ended]).toEqual([[2, 'watermark Infinity', 'end'], true])
  })
})

describe('a stop', () => {
  test('waits for answers where nothing goes on from a checkpoint', async () => {
    const { below, rows, send, answer } = world()
    rows(1)
    send(watermark(2), stopped)
    expect(below.seen).toEqual([])
    await answer(1)
    expect(below.seen).toEqual([1, 'watermark 2', 'stopped'])
  })

  test.each([stopped, end])('does not where one does, and aborts them', last => {
    const { below, rows, send, around, signals } = world()
    rows(1)
    around.suspended = true
    send(last)
    expect(below.seen).toEqual([last.kind])
    expect(signals.get(1)!.aborted).toBe(true)
  })
})

test('with other subtasks time goes on behind all the rows that are here now, or at once where there are none', async () => {
  const of = world()
  of.send(watermark(3))
  of.rows(1, 2)
  of.send(watermark(9), barrier(1))
  const { from } = of.told[0]!
  const part = from.states.get('requests')![0]!
  const moved = (parts: readonly StatePart[]) =>
    world({ from: { ...from, moved: true, states: new Map([['requests', parts]]) } })
  const some = moved([{ ...part, meta: MARKS_LOST }])
  await some.answer(1, 2)
  expect(some.below.seen).toEqual([1, 2, 'watermark 9'])
  const none = moved([{ group: -1, meta: MARKS_LOST, batch: null }])
  expect(none.below.seen).toEqual([])
  none.host.fireNext()
  none.visit()
  expect(none.below.seen).toEqual(['watermark 9'])
})
