/**
 * The sending side of a ring. Sending never blocks and never fails for lack of room: a batch is encoded straight into the
 * ring or, where there is no room for it, into memory of the sender's own, the *overflow*, behind which everything
 * waits that is sent later, so that order is kept. What is in the ring when `send` returns can be received; nothing is held
 * back for company.
 *
 * A batch that takes more than a slot goes in several; a row that does, in pieces. Dictionaries of text go once, until
 * an epoch ends.
 *
 * Credit: `full` from the time that less than a quarter of the ring (or a slot) is free until half of it is. After
 * `full` was true, or `flush` left something, the receiver rings the sender's doorbell when that has changed. No ring
 * gets lost: the sender asks for it and then looks at what was released; the receiver releases and then looks whether it
 * is asked.
 */
import { type Batch, EdgeEncoder, FrameError, FrameWriter, type Schema, showValue, slice } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { isBatch, type StreamEvent } from '../driver/stream-event.ts'
import { kindOf, numberOf } from './control-record.ts'
import { Overflow } from './overflow.ts'
import { BATCH, counter, MORE, RECORD_BYTES, Ring, type RingShape, record, recordBytes } from './ring.ts'

const MAX_ROW_BYTES = 16 * 1024 * 1024
const NOTHING = new Uint8Array(0)

export interface RingSenderOptions extends RingShape {
  readonly schema: Schema
  /** The longest row that is sent, encoded; 16 MiB by default. */
  readonly maxRowBytes?: number | undefined
  /** For tests, on both sides: frames are checked in full, also for what cannot be wrong in memory of our own. */
  readonly checked?: boolean | undefined
  /** Rings the receiver's doorbell. */
  readonly wake: () => void
  /** The edge, for messages: `keyBy -> count`. */
  readonly label: string
}

export class RingSender {
  framesSent = 0
  bytesSent = 0
  readonly #ring: Ring
  readonly #writer: FrameWriter
  readonly #schema: Schema
  readonly #encoder: EdgeEncoder
  readonly #maxRowBytes: number
  readonly #wake: () => void
  readonly #label: string
  readonly #overflow = new Overflow()
  /** Where batches are encoded that do not go straight to the ring. */
  #scratch: FrameWriter | undefined
  /** Rows of a batch that are tried at once: fewer when they did not fit a slot. */
  #tried = Number.POSITIVE_INFINITY
  #published = 0
  #released = 0
  /** Where the next record goes, and where the oldest one that was not released begins. */
  #head = 0
  #tail = 0
  #full = false

  constructor(options: RingSenderOptions) {
    this.#ring = new Ring(options)
    this.#writer = new FrameWriter(this.#ring.bytes)
    this.#schema = options.schema
    this.#encoder = new EdgeEncoder(options.schema, options.checked !== true)
    this.#maxRowBytes = options.maxRowBytes ?? MAX_ROW_BYTES
    this.#wake = options.wake
    this.#label = options.label
  }

  /** Bytes that wait for room. */
  get waitingBytes(): number {
    return this.#overflow.bytes
  }

  /** Whether sources above should pause. */
  get full(): boolean {
    if (!this.#overflow.empty) {
      if (Atomics.load(this.#ring.counters, counter.asked) === 0) this.#ask()
      return true
    }
    const { total, slotBytes } = this.#ring
    const least = Math.max(slotBytes, total / 4)
    if (!this.#full && this.#free() >= least) return false
    this.#refresh()
    this.#full = this.#full ? !this.#ring.hasRoomAgain(this.#free()) : this.#free() < least
    if (this.#full && this.#ask()) this.#full = !this.#ring.hasRoomAgain(this.#free())
    return this.#full
  }

  /**
   * A batch is only lent: its rows are in the ring or the overflow afterwards.
   *
   * @throws MillraceError ROW_LIMIT for a row of more than `maxRowBytes`
   * @throws ValueError for a value that is not plain data
   */
  send(event: StreamEvent, split: number): void {
    if (!this.#overflow.empty) this.flush()
    if (isBatch(event)) this.#sendBatch(event, split)
    else {
      this.#put(kindOf(event), split, numberOf(event), NOTHING)
      if (event.kind === 'epoch') this.#encoder.restart()
    }
    if (!this.#overflow.empty) this.flush()
  }

  /** Moves what waits into room that has come free; true if anything moved. */
  flush(): boolean {
    let moved = false
    while (!this.#overflow.empty) {
      const { kind, split, value, payload } = this.#overflow.first
      if (this.#room() >= recordBytes(payload.length)) {
        this.#overflow.shift()
        this.#copy(kind, split, value, payload)
        moved = true
      } else if (!this.#ask()) break
    }
    return moved
  }

  #sendBatch(batch: Batch, split: number): void {
    for (let from = 0; ; ) {
      const rows = Math.min(batch.length - from, this.#tried)
      const part = slice(batch, from, from + rows)
      const bytes = this.#encode(part, split)
      if (bytes > 0) {
        from += rows
        if (rows === this.#tried && bytes * 2 < this.#ring.slotBytes) this.#tried *= 2
        if (from >= batch.length) return
      } else if (rows > 1) this.#tried = (rows + 1) >>> 1
      else {
        this.#sendLong(part, split)
        from += rows
        if (from >= batch.length) return
      }
    }
  }

  /** Writes one record, here or there; 0 if it takes more than a slot, otherwise its payload's bytes. */
  #encode(batch: Batch, split: number): number {
    const { slotBytes } = this.#ring
    if (this.#overflow.empty) {
      let room = this.#room()
      if (room < slotBytes && this.#refresh()) room = this.#room()
      const begin = this.#head + RECORD_BYTES
      const end = this.#head + Math.min(room, slotBytes)
      if (end > begin && this.#writes(batch, begin, end)) {
        const bytes = this.#writer.length - begin
        this.#publish(BATCH, split, 0, bytes)
        return bytes
      }
      if (room >= slotBytes) return 0
    }
    const payload = this.#encodeAside(batch, slotBytes - RECORD_BYTES)
    if (payload === undefined) return 0
    this.#overflow.push({ kind: BATCH, split, value: 0, payload: payload.slice() })
    return payload.length
  }

  #writes(batch: Batch, begin: number, end: number): boolean {
    this.#writer.window(begin, end)
    return fits(() => this.#encoder.encode(batch, this.#writer))
  }

  #encodeAside(batch: Batch, limit: number): Uint8Array | undefined {
    if (this.#scratch === undefined || this.#scratch.limit !== limit) this.#scratch = new FrameWriter(4096, limit)
    const scratch = this.#scratch
    scratch.clear()
    return fits(() => this.#encoder.encode(batch, scratch)) ? scratch.written() : undefined
  }

  /** One row, in pieces. */
  #sendLong(row: Batch, split: number): void {
    const bytes = this.#encodeAside(row, this.#maxRowBytes & -8)
    this.#scratch = undefined
    if (bytes === undefined) throw this.#tooLong(row)
    const piece = this.#ring.slotBytes - RECORD_BYTES
    for (let at = 0; at < bytes.length; at += piece) {
      const more = at + piece < bytes.length ? MORE : 0
      this.#put(BATCH | more, split, 0, bytes.subarray(at, at + piece))
    }
  }

  #tooLong(row: Batch): MillraceError {
    const fields = this.#schema.fields.map((field, c) => `${field.name}: ${showValue(row.get(c, 0))}`)
    return new MillraceError('ROW_LIMIT', `invalid row: longer than ${this.#maxRowBytes} bytes`, {
      hint: 'keep large values in files, and their names in rows; or raise maxRowBytes',
      operator: this.#label,
      at: `the row with ${fields.join(', ')}`,
    })
  }

  #put(kind: number, split: number, value: number, payload: Uint8Array): void {
    const bytes = recordBytes(payload.length)
    if (this.#overflow.empty && (this.#room() >= bytes || (this.#refresh() && this.#room() >= bytes)))
      this.#copy(kind, split, value, payload)
    else this.#overflow.push({ kind, split, value, payload })
  }

  #copy(kind: number, split: number, value: number, payload: Uint8Array): void {
    this.#ring.bytes.set(payload, this.#head + RECORD_BYTES)
    this.#publish(kind, split, value, payload.length)
  }

  /** The payload is in place. */
  #publish(kind: number, split: number, value: number, bytes: number): void {
    const { ints, doubles, counters } = this.#ring
    const word = this.#head >>> 2
    ints[word + record.number] = this.#published
    ints[word + record.kind] = kind
    ints[word + record.bytes] = bytes
    ints[word + record.unused] = 0
    doubles[(word + record.split) >>> 1] = split
    doubles[(word + record.value) >>> 1] = value
    const taken = recordBytes(bytes)
    this.#head = this.#ring.next(this.#head, taken)
    this.#published = (this.#published + 1) | 0
    this.framesSent++
    this.bytesSent += taken
    Atomics.store(counters, counter.published, this.#published)
    this.#wake()
  }

  #room(): number {
    return this.#ring.room(this.#head, this.#tail, this.#released === this.#published)
  }

  #free(): number {
    return this.#ring.free(this.#head, this.#tail, this.#released === this.#published)
  }

  /** Asks to be woken when there is room; true if something was released just before. */
  #ask(): boolean {
    Atomics.store(this.#ring.counters, counter.asked, 1)
    return this.#refresh()
  }

  /**
   * Takes note of what was released; false if nothing was. The place may be of a later release than the number: then less
   * room is seen than there is, until the number is seen too.
   */
  #refresh(): boolean {
    const released = Atomics.load(this.#ring.counters, counter.released)
    if (released === this.#released) return false
    this.#released = released
    this.#tail = Atomics.load(this.#ring.counters, counter.position)
    return true
  }
}

/** False if it does not: nothing was written then. */
function fits(encode: () => void): boolean {
  try {
    encode()
    return true
  } catch (error) {
    if (error instanceof FrameError) return false
    throw error
  }
}
