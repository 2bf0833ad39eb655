/** The local channel: order, copies of what is lent, and how much is enough. */
import { Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { beforeEach, expect, test } from 'vitest'
import { CHANNEL_BATCHES, InputPort, type Receiver } from './input-port.ts'
import { isBatch, type StreamEvent } from './stream-event.ts'

const schema = Schema.record([field('n', 'int32')])
const watermark = (time: number): StreamEvent => ({ kind: 'watermark', time })

/** Takes events while it is told to, and notes what it took. */
class Taker implements Receiver {
  taking = true
  stalls = 0
  readonly taken: string[] = []

  accepts(): boolean {
    return this.taking
  }
  handle(_: unknown, event: StreamEvent, split: number): void {
    const shown = isBatch(event) ? `rows ${event.get(0, 0)}` : event.kind === 'watermark' ? event.time : event.kind
    this.taken.push(`${shown} of ${split}`)
  }
  stalled(): void {
    this.stalls++
  }
}

let taker: Taker
let port: InputPort<Taker>

beforeEach(() => {
  taker = new Taker()
  port = new InputPort(taker, 0)
})

test('what is accepted is handled at once, and nothing waits', () => {
  port.push(watermark(1), 3)
  expect([taker.taken, port.queued, taker.stalls]).toEqual([['1 of 3'], 0, 0])
  expect(port.pull()).toBe(false)
})

test('what is not waits in order, and is said to', () => {
  taker.taking = false
  port.push(watermark(1), 3)
  port.push(watermark(2), 4)
  expect([taker.taken, port.queued, taker.stalls]).toEqual([[], 2, 2])
  expect(port.pull()).toBe(false)
  taker.taking = true
  port.push(watermark(3), 5) // behind the others, though it would be taken
  expect([port.pull(), port.pull(), port.pull(), port.pull()]).toEqual([true, true, true, false])
  expect(taker.taken).toEqual(['1 of 3', '2 of 4', '3 of 5'])
  expect(port.queued).toBe(0)
  port.push(watermark(4), 6)
  expect(taker.taken.at(-1)).toBe('4 of 6')
})

test('a batch that waits is a copy of what was lent', () => {
  taker.taking = false
  const lent = Int32Array.of(7)
  port.push(new Batch(schema, [new Int32Column(lent)], 1), 0)
  lent[0] = 8
  taker.taking = true
  port.pull()
  expect(taker.taken).toEqual(['rows 7 of 0'])
})

test('bytes that wait are those of the batches among it', () => {
  taker.taking = false
  const batch = new Batch(schema, [new Int32Column(Int32Array.of(1, 2, 3))], 3)
  expect(port.queuedBytes).toBe(0)
  port.push(batch, 0)
  const one = port.queuedBytes
  expect(one).toBeGreaterThanOrEqual(12)
  port.push(watermark(1), 0)
  port.push(batch, 0)
  expect(port.queuedBytes).toBe(2 * one)
  taker.taking = true
  port.pull()
  port.pull()
  expect(port.queuedBytes).toBe(one)
  port.pull()
  expect(port.queuedBytes).toBe(0)
})

test('so many that wait are enough', () => {
  taker.taking = false
  for (let i = 1; i <= CHANNEL_BATCHES; i++) {
    expect(port.full).toBe(false)
    port.push(watermark(i), 0)
  }
  expect(port.full).toBe(true)
  taker.taking = true
  port.pull()
  expect(port.full).toBe(false)
})

test('nothing is lost or changes places however long some of it waits', () => {
  let [sent, taken] = [0, 0]
  for (let round = 0; round < 50; round++) {
    taker.taking = false
    for (let i = 0; i < 7 + (round % 5); i++) port.push(watermark(sent++), 0)
    taker.taking = true
    for (let i = 0; i < 6 + (round % 7); i++) if (port.pull()) taken++
    expect(port.queued).toBe(sent - taken)
  }
  while (port.pull()) taken++
  expect(taker.taken).toEqual(Array.from({ length: sent }, (_, i) => `${i} of 0`))
})
