/**
 * Rings, in figures: ns a row to encode and to decode on one thread; between two threads rows/s and CPU ns a row of
 * both; and how long a thread that sleeps takes to answer. Rows are like full-width Nexmark bids, of about 100 bytes.
 * `npx esbuild packages/runtime/src/channel/ring.bench.ts --bundle --platform=node --format=esm --conditions=source --outfile=/tmp/ring.mjs && node /tmp/ring.mjs`
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import {
  Batch,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  field,
  Int32Column,
  Schema,
  Utf8Column,
} from '@millrace/algebra'
import { DOORBELL_BYTES, ringer, SharedDoorbell } from './doorbell.ts'
import { ringBytes } from './ring.ts'
import { RingReceiver } from './ring-receiver.ts'
import { RingSender } from './ring-sender.ts'

const ROWS = 1024
const SLOTS = Number(process.env.SLOTS ?? 16)
const SLOT_BYTES = 128 * 1024
const BURST = Math.min(8, SLOTS / 2)
const RING = ringBytes(SLOTS, SLOT_BYTES)

const schema = Schema.record([
  field('auction', 'int32'),
  field('bidder', 'int32'),
  field('price', 'double'),
  field('channel', 'text'),
  field('url', 'text'),
  field('dateTime', 'timestamp'),
  field('extra', 'text'),
])

function texts(bytesEach: (row: number) => number): Utf8Column {
  const starts = new Int32Array(ROWS)
  const lengths = Int32Array.from({ length: ROWS }, (_, row) => bytesEach(row))
  let words = 0
  for (let row = 0; row < ROWS; row++) {
    starts[row] = words
    words += (lengths[row] + 3) >>> 2
  }
  const heap = new Int32Array(words)
  for (let word = 0; word < words; word++) heap[word] = 0x61626364 + (word & 15)
  return new Utf8Column(starts, lengths, heap)
}

const channels = new Dictionary(Array.from({ length: Number(process.env.CHANNELS ?? 4) }, (_, i) => `channel-${i}`))

/** Rows as they come from a hash exchange: one in `share`. */
function bids(share: number): Batch {
  const columns = [
    new Int32Column(Int32Array.from({ length: ROWS }, (_, row) => row * 7)),
    new Int32Column(Int32Array.from({ length: ROWS }, (_, row) => row * 5)),
    new DoubleColumn(Float64Array.from({ length: ROWS }, (_, row) => row * 1.5)),
    new DictionaryColumn(
      Int32Array.from({ length: ROWS }, (_, row) => row % channels.values.length),
      channels,
    ),
    texts(() => 32),
    new DoubleColumn(Float64Array.from({ length: ROWS }, (_, row) => row)),
    texts(row => 20 + (row & 15)),
  ]
  const chosen = Int32Array.from({ length: ROWS / share }, (_, i) => i * share)
  return new Batch(
    schema,
    columns,
    chosen.length,
    share === 1 ? null : chosen,
    null,
    Float64Array.from({ length: ROWS }, (_, row) => row),
  )
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >>> 1]
}

/** What a receiver does with a batch: touches every cell's column, as a sum. */
function touch(batch: Batch): number {
  let sum = 0
  for (const column of batch.columns)
    if (column.kind === 'int32' || column.kind === 'double')
      for (let i = 0; i < batch.length; i++) sum += column.values[i]
  return sum
}

function inOneThread(share: number): void {
  const memory = { buffer: new SharedArrayBuffer(RING), offset: 0 }
  const bell = { buffer: new SharedArrayBuffer(DOORBELL_BYTES), offset: 0 }
  const common = { memory, slots: SLOTS, slotBytes: SLOT_BYTES, schema, wake: ringer(bell) }
  const sender = new RingSender({ ...common, label: 'bench' })
  const receiver = new RingReceiver(common)
  const batch = bids(share)
  const send: number[] = []
  const receive: number[] = []
  for (let turn = 0; turn < 400 * share; turn++) {
    let began = performance.now()
    for (let i = 0; i < BURST; i++) sender.send(batch, 0)
    send.push(performance.now() - began)
    began = performance.now()
    for (let i = 0; i < BURST; i++) {
      receiver.receive()
      receiver.release()
    }
    receive.push(performance.now() - began)
    sender.full
  }
  const rows = BURST * batch.length
  const ns = (times: number[]) => ((median(times.slice(times.length >> 1)) * 1e6) / rows).toFixed(1)
  const bytes = (sender.bytesSent / sender.framesSent / batch.length).toFixed(0)
  console.log(`${batch.length} rows of ${bytes} bytes: encode ${ns(send)} ns a row, decode ${ns(receive)} ns a row`)
}

interface Start {
  readonly ring: SharedArrayBuffer
  readonly bells: SharedArrayBuffer
}

async function receiveAll({ ring, bells }: Start): Promise<void> {
  const bell = new SharedDoorbell({ buffer: bells, offset: DOORBELL_BYTES })
  const wake = ringer({ buffer: bells, offset: 0 })
  const receiver = new RingReceiver({
    memory: { buffer: ring, offset: 0 },
    slots: SLOTS,
    slotBytes: SLOT_BYTES,
    schema,
    wake,
  })
  parentPort!.on('message', () => {}) // keeps the thread alive while it sleeps
  let rows = 0
  let sum = 0
  const answers = new Int32Array(bells, DOORBELL_BYTES * 2)
  for (;;) {
    const received = receiver.receive()
    if (received === undefined) {
      await bell.wait()
      continue
    }
    const { event } = received
    if (event instanceof Batch) {
      rows += event.length
      sum += touch(event)
    } else if (event.kind === 'end') break
    else {
      Atomics.add(answers, 0, 1)
      wake()
    }
    receiver.release()
  }
  parentPort!.postMessage({ rows, sum })
  parentPort!.close()
}

async function betweenThreads(): Promise<void> {
  const ring = new SharedArrayBuffer(RING)
  const bells = new SharedArrayBuffer(DOORBELL_BYTES * 3)
  const worker = new Worker(new URL(import.meta.url), { workerData: { ring, bells } satisfies Start })
  await new Promise(resolve => worker.once('online', resolve))
  const bell = new SharedDoorbell({ buffer: bells, offset: 0 })
  const sender = new RingSender({
    memory: { buffer: ring, offset: 0 },
    slots: SLOTS,
    slotBytes: SLOT_BYTES,
    schema,
    wake: ringer({ buffer: bells, offset: DOORBELL_BYTES }),
    label: 'bench',
  })
  const done = new Promise(resolve => worker.once('message', resolve))
  await latency(sender, bell, new Int32Array(bells, DOORBELL_BYTES * 2))
  for (const share of [1, 2, 8]) {
    const batch = bids(share)
    for (const seconds of [0.3, 1]) {
      const began = performance.now()
      const cpu = cpuMs()
      let rows = 0
      let slept = 0
      while (performance.now() - began < seconds * 1000) {
        sender.flush()
        if (sender.full) {
          slept++
          await bell.wait()
          continue
        }
        sender.send(batch, 0)
        sender.send({ kind: 'watermark', time: 0 }, 0)
        rows += batch.length
      }
      if (seconds < 1) continue
      const ms = performance.now() - began
      const perRow = (((cpuMs() - cpu) * 1e6) / rows).toFixed(1)
      console.log(
        `${batch.length} rows: ${(rows / ms / 1000).toFixed(1)} M rows/s, ${perRow} ns CPU a row, slept ${slept}`,
      )
    }
  }
  sender.send({ kind: 'end' }, 0)
  while (sender.waitingBytes > 0) if (!sender.flush()) await bell.wait()
  await done
}

async function latency(sender: RingSender, bell: SharedDoorbell, answers: Int32Array): Promise<void> {
  for (const pauseMs of [0, 2]) {
    const micros: number[] = []
    const cpu = cpuMs()
    const start = performance.now()
    for (let i = 0; i < (pauseMs === 0 ? 3000 : 500); i++) {
      if (pauseMs > 0) await new Promise(resolve => setTimeout(resolve, pauseMs))
      const before = Atomics.load(answers, 0)
      const began = performance.now()
      sender.send({ kind: 'idle' }, 0)
      while (Atomics.load(answers, 0) === before) await bell.wait()
      micros.push(((performance.now() - began) * 1000) / 2)
    }
    micros.sort((a, b) => a - b)
    const share = (cpuMs() - cpu) / (performance.now() - start)
    console.log(
      `after ${pauseMs} ms: one way ${micros[micros.length >> 1].toFixed(1)} us, p99 ${micros[Math.floor(micros.length * 0.99)].toFixed(1)} us, CPU ${share.toFixed(2)}`,
    )
  }
}

if (isMainThread) {
  for (const share of [1, 2, 8]) inOneThread(share)
  await betweenThreads()
} else await receiveAll(workerData as Start)
