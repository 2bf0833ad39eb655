/**
 * Ring channels: the events of one edge from one site to another, through memory that both see.
 *
 * One sender, one receiver. The sender writes a *record* and publishes it by counting it; the receiver reads it in
 * place and releases it, in order, by counting that. Nobody waits for the other, and nobody locks. What finds no room
 * waits with its sender.
 *
 * Records are as long as what they hold and lie one behind the other, so that a watermark takes 32 bytes and many small
 * batches fit where few large ones do. A record begins before the last slot of the memory and may run into it, which is
 * why none is ever cut in two; the next one then begins at 0. So a slot is the longest that a record may be, and the
 * room that must be free for any to fit. A row that is longer goes in pieces.
 *
 * Memory: three cache lines of counters, each written by one side, then the slots.
 *
 * | word of its line | sender's | receiver's | asked |
 * |---|---|---|---|
 * | 0 | records published | records released | 1: wake me when there is room (set by the sender, cleared by the receiver) |
 * | 1 | | where the next record to release begins | |
 *
 * Counters wrap at 2^32. A record is eight words, then its payload, filled up to a multiple of 8:
 *
 * | word | |
 * |---|---|
 * | 0 | its number: how many were published before it |
 * | 1 | kind in the lowest byte; 256: more pieces follow |
 * | 2 | bytes of the payload |
 * | 3 | 0 |
 * | 4, 5 | f64: the split it comes from |
 * | 6, 7 | f64: a watermark's time, an epoch's number, the split that a split event is about |
 *
 * Order: payload and header are plain writes before the sequentially consistent store of the counter, and plain reads
 * after its load, which makes them visible (ECMA-262, memory model: synchronizes-with); releases likewise.
 */

/** A place in memory: shared between threads, plain where both sides are on one. */
export interface Memory {
  readonly buffer: ArrayBufferLike
  /** A multiple of 64. */
  readonly offset: number
}

const LINE = 64
const COUNTER_BYTES = 3 * LINE

/** Words of the counters. */
export const counter = { published: 0, released: 16, position: 17, asked: 32 } as const

export const RECORD_BYTES = 32
export const MORE = 256

/** Words of a record's header; split and value are doubles. */
export const record = { number: 0, kind: 1, bytes: 2, unused: 3, split: 4, value: 6 } as const

/** The kind of a record that holds a batch. */
export const BATCH = 0

/** Bytes of memory that a ring takes: a multiple of 64. */
export function ringBytes(slots: number, slotBytes: number): number {
  return (COUNTER_BYTES + slots * slotBytes + LINE - 1) & -LINE
}

export interface RingShape {
  readonly memory: Memory
  /** At least 2. */
  readonly slots: number
  /** Bytes that a record may take, header included: a multiple of 8, at least 256. */
  readonly slotBytes: number
  /** For simulations, where each side sees late what the other did: this side's own counters; default: those in `memory`. */
  readonly counters?: Int32Array | undefined
}

/** A ring's memory, as words of each size, and where records go: the same on both sides. */
export class Ring {
  readonly counters: Int32Array
  readonly bytes: Uint8Array
  readonly ints: Int32Array
  readonly doubles: Float64Array
  readonly slotBytes: number
  /** Bytes of all slots. */
  readonly total: number

  constructor({ memory: { buffer, offset }, slots, slotBytes, counters }: RingShape) {
    if (!Number.isInteger(slots) || slots < 2) throw new RangeError(`invalid slots: ${slots}`)
    if (!Number.isInteger(slotBytes) || slotBytes < 256 || (slotBytes & 7) !== 0)
      throw new RangeError(`invalid slotBytes: ${slotBytes}`)
    this.slotBytes = slotBytes
    this.total = slots * slotBytes
    const begin = offset + COUNTER_BYTES
    this.counters = counters ?? new Int32Array(buffer, offset, COUNTER_BYTES >>> 2)
    this.bytes = new Uint8Array(buffer, begin, this.total)
    this.ints = new Int32Array(buffer, begin, this.total >>> 2)
    this.doubles = new Float64Array(buffer, begin, this.total >>> 3)
  }

  /** Where the record behind one of `bytes` at `position` begins. */
  next(position: number, bytes: number): number {
    const end = position + bytes
    return end > this.total - this.slotBytes ? 0 : end
  }

  /** Bytes free in one stretch at `head`, where `tail` is the oldest record, if any is left. */
  room(head: number, tail: number, empty: boolean): number {
    return empty || head > tail ? this.total - head : tail - head
  }

  /** Bytes free in all. */
  free(head: number, tail: number, empty: boolean): number {
    if (empty) return this.total
    return head > tail ? this.total - head + tail : tail - head
  }

  /**
   * Whether a sender that has waited goes on: both sides must come to the same. Half of the ring, so that a slow
   * receiver does not wake its sender for every record.
   */
  hasRoomAgain(free: number): boolean {
    return free >= this.total / 2
  }
}

/** Bytes of a record with such a payload. */
export function recordBytes(payload: number): number {
  return RECORD_BYTES + ((payload + 7) & -8)
}
