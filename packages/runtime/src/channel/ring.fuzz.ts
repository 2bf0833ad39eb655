/**
 * Rings against the simplest twin there is, an array: whatever is sent comes out once, in order, as it was, however
 * sending, flushing and receiving take turns, in rings of any size; and nobody waits who need not.
 */
import { deepStrictEqual } from 'node:assert/strict'
import { AnyColumn, Batch, field, Int32Column, Schema } from '@millrace/algebra'
import { batches, rowsOf, type Sample, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Control, StreamEvent } from '../driver/stream-event.ts'
import { ringBytes } from './ring.ts'
import { RingReceiver } from './ring-receiver.ts'
import { RingSender } from './ring-sender.ts'

type Step =
  | { readonly kind: 'batch'; readonly sample: Sample; readonly split: number }
  | { readonly kind: 'control'; readonly control: Control; readonly split: number }
  | { readonly kind: 'receive' | 'release' | 'flush' | 'full' }

const number = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, -(2 ** 40), Number.POSITIVE_INFINITY),
)
const control: fc.Arbitrary<Control> = fc.oneof(
  number.map(time => ({ kind: 'watermark' as const, time })),
  fc.tuple(fc.nat(), fc.boolean()).map(([epoch, barrier]) => ({ kind: 'epoch' as const, epoch, barrier })),
  fc.tuple(fc.constantFrom('splitStart', 'splitEnd', 'caughtUp'), number).map(([kind, split]) => ({ kind, split })),
  fc.constantFrom({ kind: 'idle' as const }, { kind: 'end' as const }),
)

function steps(schema: Schema): fc.Arbitrary<Step[]> {
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('batch'), sample: batches(schema), split: number }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('control'), control, split: number }) },
    { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('receive', 'release', 'flush', 'full') }) },
  )
  return fc.array(step, { maxLength: 30, size: 'max' })
}

const sizes = fc.record({
  slots: fc.constantFrom(2, 4, 8),
  slotBytes: fc.constantFrom(256, 264, 512, 4096),
  shared: fc.boolean(),
  checked: fc.boolean(),
})
type Size = typeof sizes extends fc.Arbitrary<infer T> ? T : never
const cases = schemas().chain(schema => fc.record({ schema: fc.constant(schema), steps: steps(schema), size: sizes }))

/** A ring with its bells, and what of its events has come out. */
class Pair {
  readonly sender: RingSender
  readonly receiver: RingReceiver
  rungAtReceiver = 0
  rungAtSender = 0
  readonly out: unknown[] = []

  constructor(schema: Schema, size: Size, maxRowBytes?: number) {
    const bytes = ringBytes(size.slots, size.slotBytes) + 64
    const memory = { buffer: size.shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes), offset: 64 }
    const { slots, slotBytes, checked } = size
    const wake = () => this.rungAtReceiver++
    this.sender = new RingSender({ memory, slots, slotBytes, schema, maxRowBytes, wake, checked, label: 'a -> b' })
    const answer = () => this.rungAtSender++
    this.receiver = new RingReceiver({ memory, slots, slotBytes, schema, wake: answer, checked, poison: true })
  }

  /** Receives an event, but does not release it; false if there is none. */
  receive(): boolean {
    this.receiver.release()
    const queued = this.receiver.queued
    const received = this.receiver.receive()
    expect(received !== undefined).toBe(queued > 0)
    if (received === undefined) return false
    for (const shown of show(received.event, received.split)) this.out.push(shown)
    return true
  }

  /** As two sites would that are woken by their bells only. */
  drain(): void {
    for (let turns = 0; this.sender.waitingBytes > 0 || this.receiver.queued > 0; turns++) {
      expect(turns, 'a site sleeps that could go on').toBeLessThan(10_000)
      while (this.receive());
      const before = this.sender.waitingBytes
      if (this.sender.flush()) expect(this.sender.waitingBytes).toBeLessThan(before)
    }
    this.receiver.release()
  }
}

/** Batches by rows: how a sender cuts them is its own business. */
function show(event: StreamEvent, split: number): unknown[] {
  return event instanceof Batch ? rowsOf(event).map(row => ({ row, split })) : [{ control: event, split }]
}

describe('a ring', () => {
  it('gives what was sent, in order', () => {
    fc.assert(
      fc.property(cases, ({ schema, steps, size }) => {
        const pair = new Pair(schema, size)
        const twin: unknown[] = []
        for (const step of steps) {
          const bells = pair.rungAtReceiver
          const sent = pair.sender.framesSent
          switch (step.kind) {
            case 'batch':
              pair.sender.send(step.sample.batch, step.split)
              twin.push(...step.sample.rows.map(row => ({ row, split: step.split })))
              break
            case 'control':
              pair.sender.send(step.control, step.split)
              twin.push({ control: step.control, split: step.split })
              break
            case 'receive':
              pair.receive()
              break
            case 'release':
              pair.receiver.release()
              break
            case 'flush':
              pair.sender.flush()
              break
            case 'full':
              if (pair.sender.waitingBytes > 0) expect(pair.sender.full).toBe(true)
              break
          }
          expect(pair.rungAtReceiver - bells).toBe(pair.sender.framesSent - sent)
          expect(pair.out.length).toBeLessThanOrEqual(twin.length)
        }
        pair.drain()
        deepStrictEqual(pair.out, twin)
        expect(pair.sender.full).toBe(false)
      }),
      { numRuns: 100 },
    )
  })

  it('rings the sender that found it full before nothing is left to receive', () => {
    fc.assert(
      fc.property(cases, fc.boolean(), ({ schema, steps, size }, flushes) => {
        const pair = new Pair(schema, size)
        for (const step of steps) {
          if (step.kind === 'batch') pair.sender.send(step.sample.batch, 0)
          if (step.kind === 'control') pair.sender.send(step.control, 0)
          for (let turns = 0; pair.sender.full; turns++) {
            expect(turns).toBeLessThan(1000)
            const rung = pair.rungAtSender
            if (flushes) pair.sender.flush()
            if (!pair.sender.full) break
            for (let received = true; pair.rungAtSender === rung; ) {
              expect(received, 'both sleep').toBe(true)
              received = pair.receive()
              pair.receiver.release()
            }
            pair.sender.flush()
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('long rows', () => {
  const text = Schema.record([field('id', 'int32'), field('text', 'any')])
  const lengths = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 9000 })), {
    maxLength: 6,
  })

  it('come in pieces, between others', () => {
    fc.assert(
      fc.property(fc.array(lengths, { maxLength: 6 }), sizes, fc.func(fc.boolean()), (batchesOf, size, choose) => {
        const pair = new Pair(text, size)
        const twin: unknown[] = []
        for (const [i, rows] of batchesOf.entries()) {
          const batch = batchOf(rows)
          twin.push(...show(batch, i), ...show({ kind: 'watermark', time: i }, i))
          pair.sender.send(batch, i)
          pair.sender.send({ kind: 'watermark', time: i }, i)
          while (choose(twin.length, pair.out.length) && pair.receive());
        }
        pair.drain()
        deepStrictEqual(pair.out, twin)
      }),
      { numRuns: 60 },
    )
  })

  it('beyond the limit are refused, by name', () => {
    const pair = new Pair(text, { slots: 2, slotBytes: 256, shared: true, checked: false }, 1000)
    pair.sender.send(batchOf([10, 500]), 0)
    expect(() => pair.sender.send(batchOf([20, 1000, 30]), 0)).toThrowError(
      expect.objectContaining({
        message: 'invalid row: longer than 1000 bytes',
        hint: expect.stringContaining('maxRowBytes'),
        details: expect.objectContaining({
          operator: 'a -> b',
          at: expect.stringMatching(/^the row with id: 1, text: "aaa/),
        }),
      }),
    )
  })

  function batchOf(rows: readonly number[]): Batch {
    const ids = new Int32Column(Int32Array.from(rows, (_, i) => i))
    return new Batch(text, [ids, new AnyColumn(rows.map(length => 'a'.repeat(length)))], rows.length)
  }
})
