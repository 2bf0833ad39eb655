/** Rings and doorbells between real threads. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import {
  AnyColumn,
  Batch,
  Dictionary,
  DictionaryColumn,
  field,
  Int32Column,
  Schema,
  Utf8Column,
} from '@millrace/algebra'
import { ScratchFolder } from '@millrace/testing/contracts'
import { build } from 'esbuild'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { StreamEvent } from '../driver/stream-event.ts'
import { DOORBELL_BYTES, ringer, SharedDoorbell } from './doorbell.ts'
import { ringBytes } from './ring.ts'
import { RingReceiver } from './ring-receiver.ts'
import { RingSender } from './ring-sender.ts'

const scratch = new ScratchFolder()
const script = scratch.fresh('echo.mjs')
const SHAPE = { slots: 4, slotBytes: 4096 }
const RING = ringBytes(SHAPE.slots, SHAPE.slotBytes)

/** Sends back what it receives, until the end; reads what it was lent late, and checks it. */
const ECHO = `
import { parentPort, workerData } from 'node:worker_threads'
import { SharedDoorbell, ringer } from './doorbell.ts'
import { RingReceiver } from './ring-receiver.ts'
import { RingSender } from './ring-sender.ts'
const { buffer, shape, there, back, bell, bells, schema } = workerData
const doorbell = new SharedDoorbell({ buffer, offset: bells + bell })
const wake = ringer({ buffer, offset: bells })
const receiver = new RingReceiver({ ...shape, memory: { buffer, offset: there }, schema, wake, poison: true })
const sender = new RingSender({ ...shape, memory: { buffer, offset: back }, schema, wake, label: 'echo' })
parentPort.on('message', () => {})
for (let ended = false; !ended || sender.waitingBytes > 0; ) {
  let moved = sender.flush()
  const received = sender.full ? undefined : receiver.receive()
  if (received !== undefined) {
    moved = true
    sender.send(received.event, received.split)
    ended = received.event.kind === 'end'
    receiver.release()
  }
  if (!moved && !(ended && sender.waitingBytes === 0)) await doorbell.wait()
}
parentPort.close()
`

beforeAll(async () => {
  await build({
    stdin: { contents: ECHO, resolveDir: fileURLToPath(new URL('.', import.meta.url)), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    conditions: ['source'],
    outfile: script,
  })
})

const schema = Schema.record([
  field('id', 'int32'),
  field('name', 'text'),
  field('text', 'text', true),
  field('value', 'any', true),
])

const workers: Worker[] = []
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate()
})

/** A thread that sends everything back, and this side's ends. */
function echo() {
  const bells = 2 * RING
  const buffer = new SharedArrayBuffer(bells + 2 * DOORBELL_BYTES)
  const workerData = { buffer, shape: SHAPE, there: 0, back: RING, bells, bell: DOORBELL_BYTES, schema }
  const worker = new Worker(script, { workerData })
  workers.push(worker)
  const wake = ringer({ buffer, offset: bells + DOORBELL_BYTES })
  const sender = new RingSender({ ...SHAPE, memory: { buffer, offset: 0 }, schema, wake, label: 'test' })
  const receiver = new RingReceiver({ ...SHAPE, memory: { buffer, offset: RING }, schema, wake, poison: true })
  return { worker, sender, receiver, bell: new SharedDoorbell({ buffer, offset: bells }) }
}

const names = new Dictionary(Array.from({ length: 500 }, (_, i) => `name ${i}`))
const ROWS = 300

/** Rows `first` to `first + ROWS`; some are far longer than the ring. */
function batchOf(first: number): Batch {
  const ids = Int32Array.from({ length: ROWS }, (_, i) => first + i)
  const starts = new Int32Array(ROWS)
  const lengths = ids.map(id => id % 40)
  const heap = new Int32Array(10).fill(0x61616161 + (first % 7))
  const values = Array.from(ids, id => (id % 10_007 === 0 ? 'long '.repeat(8000) : id % 3 === 0 ? { id } : null))
  const columns = [
    new Int32Column(ids),
    new DictionaryColumn(
      ids.map(id => id % names.values.length),
      names,
    ),
    new Utf8Column(starts, lengths, heap),
    new AnyColumn(values),
  ]
  const even = Int32Array.from({ length: ROWS / 2 }, (_, i) => i * 2)
  return first % 600 === 0 ? new Batch(schema, columns, ROWS) : new Batch(schema, columns, ROWS / 2, even)
}

function* events(): Generator<StreamEvent> {
  for (let i = 0; i < 400; i++) {
    yield batchOf(i * ROWS)
    yield { kind: 'watermark', time: i }
    if (i % 50 === 49) yield { kind: 'epoch', epoch: i, barrier: false }
  }
  yield { kind: 'end' }
}

/** Rows one by one, and what is between them. */
function* flat(all: Iterable<StreamEvent>): Generator<unknown> {
  for (const event of all) {
    if (!(event instanceof Batch)) yield event
    else for (let row = 0; row < event.length; row++) yield event.row(row)
  }
}

describe('between two threads', () => {
  it('rows go there and come back, in order', async () => {
    const { worker, sender, receiver, bell } = echo()
    const exit = once(worker, 'exit')
    const toSend = events()
    const expected = flat(events())
    let rows = 0
    for (let ended = false; !ended; ) {
      let moved = sender.flush()
      if (!sender.full) {
        const next = toSend.next()
        if (next.done !== true) {
          sender.send(next.value, 7)
          moved = true
        }
      }
      const received = receiver.receive()
      if (received !== undefined) {
        moved = true
        if (received.split !== 7) expect(received.split).toBe(7)
        const { event } = received
        for (const row of flat([event])) {
          const wanted = expected.next().value
          if (JSON.stringify(row) !== JSON.stringify(wanted)) expect(row).toEqual(wanted)
        }
        if (event instanceof Batch) rows += event.length
        else ended = event.kind === 'end'
        receiver.release()
      }
      if (!moved) await bell.wait()
    }
    expect(rows).toBe(90_000)
    expect(expected.next().done).toBe(true)
    expect(await exit).toEqual([0])
  })

  it('a thread that sleeps can be ended', async () => {
    for (let i = 0; i < 5; i++) {
      const { worker } = echo()
      await once(worker, 'online')
      await new Promise(resolve => setTimeout(resolve, 20))
      expect(await worker.terminate()).toBe(1)
    }
  })
})

describe('a doorbell', () => {
  const place = { buffer: new SharedArrayBuffer(DOORBELL_BYTES), offset: 0 }

  it('that rang since the last wait is heard at once, once', async () => {
    const bell = new SharedDoorbell(place)
    bell.ring()
    bell.ring()
    await bell.wait()
    let heard = false
    const waiting = bell.wait().then(() => (heard = true))
    await new Promise(resolve => setTimeout(resolve, 5))
    expect(heard).toBe(false)
    ringer(place)()
    await waiting
  })

  it('wakes who waits again after giving up a wait', async () => {
    const bell = new SharedDoorbell(place)
    const first = bell.wait()
    const second = bell.wait()
    bell.ring()
    await Promise.all([first, second])
    bell.ring()
    await bell.wait()
  })

  it('leaves timers alone while it is waited for', async () => {
    const bell = new SharedDoorbell(place)
    const order: string[] = []
    setTimeout(() => order.push('timer'), 1)
    setTimeout(() => bell.ring(), 10)
    await bell.wait()
    expect(order).toEqual(['timer'])
  })
})
