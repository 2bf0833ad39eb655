/**
 * The receiving side of a ring. Batches are read in place: their columns are views of the ring until `release`, which
 * gives the room back. Other events, and rows that came in pieces, are taken out at once, so that a row that is longer
 * than the ring comes through it.
 *
 * Each record has its number, which is checked; what is wrong with one is a defect of ours or of who else writes
 * to the memory, and ends the job.
 */
import { EdgeDecoder, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { StreamEvent } from '../driver/stream-event.ts'
import { controlFrom } from './control-record.ts'
import { BATCH, counter, MORE, RECORD_BYTES, Ring, type RingShape, record, recordBytes } from './ring.ts'

export interface RingReceiverOptions extends RingShape {
  readonly schema: Schema
  /** Rings the sender's doorbell. */
  readonly wake: () => void
  /** For tests, on both sides: frames are checked in full, also for what cannot be wrong in memory of our own. */
  readonly checked?: boolean | undefined
  /** For tests: overwrites what is released, so that who reads it later is found out. */
  readonly poison?: boolean | undefined
}

export interface Received {
  readonly event: StreamEvent
  readonly split: number
}

export class RingReceiver {
  readonly #ring: Ring
  readonly #decoder: EdgeDecoder
  readonly #wake: () => void
  readonly #poison: boolean
  /** Records whose headers were looked at, and where the next one begins. */
  #seen = 0
  #seenTo = 0
  /** Among them: complete events that were not received. */
  #complete = 0
  /** Records released, and where the next one begins. */
  #released = 0
  #position = 0
  /** A batch is lent out. */
  #lent = false
  /** The pieces of a row so far. */
  #pieces: Uint8Array[] = []

  constructor(options: RingReceiverOptions) {
    this.#ring = new Ring(options)
    this.#decoder = new EdgeDecoder(options.schema, options.checked !== true)
    this.#wake = options.wake
    this.#poison = options.poison === true
  }

  /** Complete events that can be received. */
  get queued(): number {
    this.#look()
    if (!this.#lent) this.#collect()
    return this.#complete
  }

  /**
   * The next event, if there is one. A batch is lent until `release`, which comes before the next `receive`.
   *
   * @throws MillraceError INTERNAL for a record that is damaged or out of order
   */
  receive(): Received | undefined {
    if (this.#lent) throw new MillraceError('INTERNAL', 'invalid receive: the batch before was not released')
    if (this.queued === 0) return undefined
    this.#complete--
    const { ints, doubles, bytes } = this.#ring
    const word = this.#position >>> 2
    const kind = ints[word + record.kind]
    const split = doubles[(word + record.split) >>> 1]
    if (kind !== BATCH) {
      const event = controlFrom(kind, doubles[(word + record.value) >>> 1])
      this.#release()
      return { event, split }
    }
    const begin = this.#position + RECORD_BYTES
    const payload = bytes.subarray(begin, begin + ints[word + record.bytes])
    if (this.#pieces.length === 0) {
      this.#lent = true
      return { event: this.#decoder.decode(payload), split }
    }
    this.#pieces.push(payload)
    const joined = join(this.#pieces)
    this.#pieces = []
    this.#release()
    return { event: this.#decoder.decode(joined), split }
  }

  /** Gives back the batch that was received last. Nothing happens if there is none. */
  release(): void {
    if (!this.#lent) return
    this.#lent = false
    this.#release()
  }

  /** Looks at the headers of records published since the last time. */
  #look(): void {
    const published = Atomics.load(this.#ring.counters, counter.published)
    while (this.#seen !== published) {
      const word = this.#seenTo >>> 2
      const { ints, slotBytes } = this.#ring
      const kind = ints[word + record.kind]
      const bytes = ints[word + record.bytes]
      if (ints[word + record.number] !== this.#seen || bytes < 0 || bytes > slotBytes - RECORD_BYTES)
        throw new MillraceError('INTERNAL', `invalid record ${this.#seen >>> 0} of a channel: it is damaged`)
      if ((kind & MORE) === 0) this.#complete++
      this.#seen = (this.#seen + 1) | 0
      this.#seenTo = this.#ring.next(this.#seenTo, recordBytes(bytes))
    }
  }

  /** Takes out pieces at the front, but for the last one of a row. */
  #collect(): void {
    const { ints, bytes } = this.#ring
    while (this.#released !== this.#seen) {
      const word = this.#position >>> 2
      if ((ints[word + record.kind] & MORE) === 0) return
      const begin = this.#position + RECORD_BYTES
      this.#pieces.push(bytes.slice(begin, begin + ints[word + record.bytes]))
      this.#release()
    }
  }

  /** Releases the record at the front. */
  #release(): void {
    const { ints, bytes, counters } = this.#ring
    const from = this.#position
    const taken = recordBytes(ints[(from >>> 2) + record.bytes])
    if (this.#poison) bytes.fill(0xff, from, from + taken)
    this.#position = this.#ring.next(from, taken)
    this.#released = (this.#released + 1) | 0
    Atomics.store(counters, counter.position, this.#position)
    Atomics.store(counters, counter.released, this.#released)
    if (Atomics.load(counters, counter.asked) !== 0) this.#answer()
  }

  #answer(): void {
    this.#look()
    const free = this.#ring.free(this.#seenTo, this.#position, this.#released === this.#seen)
    if (!this.#ring.hasRoomAgain(free)) return
    Atomics.store(this.#ring.counters, counter.asked, 0)
    this.#wake()
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
