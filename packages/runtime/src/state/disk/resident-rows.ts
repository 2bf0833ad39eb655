/**
 * The rows of one state, of which those used last are in memory and the others on disk.
 *
 * Law: whoever asks for a row finds it, in memory or not; where it is makes no difference but in time. So a state on disk is
 * told to checkpoints as one in memory is, and each restores the other's.
 *
 * Rows in memory are those of a handle as states in memory have it (`Resident`), which knows them by *slots* instead of
 * ids of keys. A word an id says where its row is: on disk, at which address, or in which slot. Rows come into memory for a
 * batch at once (`load`), or one by one where a call asks for one of another key. When they take too much, a clock hand
 * finds those to leave. A row that was not changed is still on disk; the others are written, many at a time.
 *
 * Memory: four bytes a key; with a time-to-live twelve, so that nobody has to read a row to know that it has expired. A row
 * in memory is counted with about twice what it takes on disk.
 */
import { Batch, FrameWriter, Int32Column } from '@millrace/algebra'
import { byGroup, idsOf } from '../arrays.ts'
import { MIXED_GROUPS, type StatePart } from '../handle.ts'
import type { Resident } from './resident.ts'
import { RowCodec } from './row-codec.ts'
import type { RowLog, RowOwner } from './row-log.ts'
import type { FoundRow } from './row-record.ts'
import type { RowTimes } from './row-times.ts'
import { CHANGED, LOADING, Slots } from './slots.ts'

/** Bytes of a row in memory for each of its bytes on disk, and beside them. */
const BYTES_A_BYTE = 2
const BYTES_A_ROW = 96
/** Rows that leave memory together, and of its limit what they leave free. */
const LEAVING = 1024
const LEFT_FREE = 1 / 16
/** Rows are read in place as long as that takes no longer; the others go on beside other work. */
const IN_PLACE_MS = 2
const ROWS_A_LOOK = 64

export interface ResidentRowsOptions {
  readonly resident: Resident
  /** Absent: nothing expires. */
  readonly times?: RowTimes | undefined
  makeLog(owner: RowOwner): RowLog
  /** Bytes that rows in memory may take. */
  limitBytes(): number
  /** Milliseconds that have gone by. */
  elapsed(): number
}

export class ResidentRows implements RowOwner {
  readonly slots = new Slots()
  readonly #options: ResidentRowsOptions
  readonly #resident: Resident
  readonly #times: RowTimes | undefined
  readonly #log: RowLog
  readonly #out = new FrameWriter()
  /** By id: 0 nothing, an address, or the complement of a slot. */
  #words = new Int32Array(0)
  /** Of the first row that was written: as all are. One for batches, one for what is read meanwhile. */
  #codec: RowCodec | undefined
  #aside: RowCodec | undefined
  #meta: StatePart['meta'] = null
  /** Bytes of a row of which nothing is known yet. */
  #typical = 2 * BYTES_A_ROW

  constructor(options: ResidentRowsOptions) {
    this.#options = options
    this.#resident = options.resident
    this.#times = options.times
    this.#log = options.makeLog(this)
  }

  get log(): RowLog {
    return this.#log
  }

  #word(id: number): number {
    return id >= 0 && id < this.#words.length ? this.#words[id] : 0
  }

  #place(id: number, word: number): void {
    if (id >= this.#words.length) {
      if (word === 0) return
      const larger = new Int32Array(Math.max(id + 1, this.#words.length * 2, 1024))
      larger.set(this.#words)
      this.#words = larger
    }
    this.#words[id] = word
  }

  /** The slot with what is held of this key; -1: nothing is. */
  find(id: number): number {
    const word = this.#word(id)
    if (word === 0) return -1
    return word < 0 ? this.slots.use(~word) : this.#bring(id)
  }

  /** The slot for what is to be held of this key. */
  take(id: number): number {
    const found = this.find(id)
    if (found >= 0) return found
    this.#makeRoom()
    return this.#begin(id)
  }

  /** Slots for what is to be held of all of these keys, whatever memory they take. */
  takeAll(ids: Int32Array): Int32Array {
    this.#makeRoom()
    return ids.map(id => {
      const word = this.#word(id)
      if (word < 0) return ~word
      return word > 0 ? this.#readOne(id) : this.#begin(id)
    })
  }

  #begin(id: number): number {
    const slot = this.slots.take(id, 0, this.#typical, CHANGED)
    this.#place(id, ~slot)
    return slot
  }

  /** What is in this slot is about to be another. */
  change(slot: number): void {
    const { flags, addresses } = this.slots
    if ((flags[slot] & CHANGED) !== 0) return
    flags[slot] |= CHANGED
    if (addresses[slot] === 0) return
    this.#log.release(addresses[slot])
    addresses[slot] = 0
  }

  holds(id: number): boolean {
    const word = this.#word(id)
    if (word === 0) return false
    if (word < 0 && (this.slots.flags[~word] & LOADING) === 0) return this.#resident.holds(~word)
    return this.#times?.expired(id) !== true
  }

  expire(id: number): void {
    const word = this.#word(id)
    if (word < 0) return this.#resident.expire?.(~word)
    if (word === 0 || this.#times?.expired(id) !== true) return
    this.#log.release(word)
    this.#place(id, 0)
  }

  moved(id: number, from: number, to: () => number): boolean {
    const word = this.#word(id)
    if (word === from) this.#words[id] = to()
    else if (word < 0 && this.slots.addresses[~word] === from) this.slots.addresses[~word] = to()
    else return false
    return true
  }

  /** One row, for a call that asks for it. */
  #bring(id: number): number {
    this.#makeRoom()
    return this.#readOne(id)
  }

  #readOne(id: number): number {
    const now = this.#word(id) // it may lie elsewhere since rows were written
    const slot = this.slots.take(id, now, 0, 0)
    const codec = this.#aside!
    codec.begin(1)
    this.#read(codec, slot, this.#log.read(id, now))
    this.#arrive(codec.batch())
    this.#place(id, ~slot)
    return slot
  }

  #read(codec: RowCodec, slot: number, { bytes, from, to }: FoundRow): void {
    codec.read(slot, bytes, from, to)
    this.slots.weigh(slot, BYTES_A_ROW + BYTES_A_BYTE * (to - from))
  }

  #arrive(batch: Batch): void {
    this.#resident.restore([{ group: MIXED_GROUPS, meta: this.#meta, batch }])
    const slots = idsOf(batch.columns[0], batch.length)
    for (let i = 0; i < slots.length; i++) this.slots.flags[slots[i]] &= ~LOADING
  }

  /** Brings what is held of these keys into memory; null: it is there. */
  load(ids: Int32Array, length: number): Promise<void> | null {
    const room = this.#log.room()
    if (room === null) return this.#loadNow(ids, length)
    return room.then(() => this.#loadNow(ids, length) ?? undefined)
  }

  #loadNow(ids: Int32Array, length: number): Promise<void> | null {
    this.#makeRoom()
    const missing = this.#missing(ids, length)
    if (missing.length === 0) return null
    const codec = this.#codec!
    codec.begin(missing.length)
    const { ids: idOf, addresses } = this.slots
    const until = this.#options.elapsed() + IN_PLACE_MS
    for (let n = 0; n < missing.length; n++) {
      if (n % ROWS_A_LOOK === ROWS_A_LOOK - 1 && this.#options.elapsed() > until)
        return this.#loadLater(codec, missing.subarray(n))
      const slot = missing[n]
      this.#read(codec, slot, this.#log.read(idOf[slot], addresses[slot]))
    }
    this.#arrive(codec.batch())
    return null
  }

  /** Slots for those of the rows that are on disk, each once. */
  #missing(ids: Int32Array, length: number): Int32Array {
    const missing = new Int32Array(length)
    let count = 0
    for (let i = 0; i < length; i++) {
      const word = this.#word(ids[i])
      if (word < 0) this.slots.use(~word)
      if (word <= 0) continue
      const slot = this.slots.take(ids[i], word, 0, LOADING)
      this.#words[ids[i]] = ~slot
      missing[count++] = slot
    }
    return missing.subarray(0, count)
  }

  async #loadLater(codec: RowCodec, slots: Int32Array): Promise<void> {
    const { ids, addresses } = this.slots
    const rows = await Promise.all(Array.from(slots, slot => this.#log.readLater(ids[slot], addresses[slot])))
    for (const [n, row] of rows.entries()) this.#read(codec, slots[n], row)
    this.#arrive(codec.batch())
  }

  /** Until rows in memory take no more than they may. */
  #makeRoom(): void {
    const limit = this.#options.limitBytes()
    if (this.slots.totalBytes <= limit) return
    const goal = limit * (1 - LEFT_FREE)
    while (this.slots.totalBytes > goal) {
      const slots = this.slots.leaving(LEAVING, this.slots.totalBytes - goal)
      if (slots.length === 0) return
      this.#leave(slots)
    }
  }

  /** Rows leave memory; those that are not on disk are written. */
  #leave(slots: Int32Array): void {
    const { ids, flags, addresses } = this.slots
    const changed = new Int32Array(slots.length)
    let count = 0
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]
      if ((flags[slot] & CHANGED) === 0) continue
      if (this.#resident.holds(slot)) changed[count++] = slot
    }
    if (count > 0) for (const part of this.#resident.capture(changed, count)) this.#write(part)
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]
      this.#place(ids[slot], addresses[slot])
      this.#resident.forget(slot)
      this.slots.release(slot)
    }
  }

  /** By slot; rows of one slot lie side by side. */
  #write(part: StatePart): void {
    const batch = part.batch!
    this.#learn(part)
    const slots = idsOf(batch.columns[0], batch.length)
    for (let i = 0; i < slots.length; ) {
      const slot = slots[i]
      const first = i
      while (++i < slots.length && slots[i] === slot);
      this.slots.addresses[slot] = this.#append(this.slots.ids[slot], batch, first, i)
    }
  }

  #append(id: number, batch: Batch, from: number, to: number): number {
    const out = this.#out
    out.clear()
    for (let row = from; row < to; row++) this.#codec!.write(batch, row)
    this.#times?.keep(id, batch, from, to)
    this.#typical += (BYTES_A_ROW + BYTES_A_BYTE * out.length - this.#typical) >> 4
    return this.#log.append(id, out.bytes, 0, out.length)
  }

  #learn({ batch, meta }: StatePart): void {
    if (this.#codec !== undefined) return
    this.#codec = new RowCodec(batch!.schema, this.#out)
    this.#aside = new RowCodec(batch!.schema, this.#out)
    this.#meta = meta
  }

  /** Those in memory, then those on disk: as they are at this moment. */
  capture(ids: Int32Array, length: number): StatePart[] {
    const slots = new Int32Array(length)
    let near = 0
    let codec: RowCodec | undefined
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      const word = this.#word(id)
      if (word === 0) continue
      if (word < 0 && (this.slots.flags[~word] & LOADING) === 0) slots[near++] = ~word
      else {
        if (codec === undefined) (codec = this.#aside!).begin(length)
        const { bytes, from, to } = this.#log.read(id, word > 0 ? word : this.slots.addresses[~word])
        codec.read(id, bytes, from, to)
      }
    }
    const parts = near === 0 ? [] : this.#resident.capture(slots.subarray(0, near).sort(), near)
    const told = parts.map(part => ({ ...part, batch: this.#byId(part.batch!) }))
    if (codec !== undefined) told.push({ group: MIXED_GROUPS, meta: this.#meta, batch: codec.batch() })
    return told
  }

  #byId({ schema, columns: [slots, ...columns], length }: Batch): Batch {
    const ids = idsOf(slots, length).map(slot => this.slots.ids[slot])
    return new Batch(schema, [new Int32Column(ids), ...columns], length)
  }

  /** Those of which something is held, ascending. */
  *ids(): Generator<number> {
    for (let id = 0; id < this.#words.length; id++) if (this.holds(id)) yield id
  }

  /** Copies, without what has expired. */
  snapshot(groupOf: (id: number) => number): StatePart[] {
    return [...byGroup(this.ids(), groupOf)].flatMap(([group, ids]) => {
      for (const id of ids) this.#expireNow(id)
      this.leaveAll()
      return this.capture(ids, ids.length).map(part => ({ ...part, group }))
    })
  }

  #expireNow(id: number): void {
    if (this.#resident.expire === undefined) return
    const slot = this.find(id)
    this.change(slot)
    this.#resident.expire(slot)
  }

  /** Nothing is in memory then but what is being read. */
  leaveAll(): void {
    this.#leave(this.slots.all())
  }

  /** How rows are kept is known once there was one. */
  get knowsRows(): boolean {
    return this.#codec !== undefined
  }

  /** Whether rows of this part are as they are kept. */
  keepsAs({ batch, meta }: StatePart): boolean {
    const codec = this.#codec
    return codec?.fits(batch!) === true && JSON.stringify(meta) === JSON.stringify(this.#meta)
  }

  /** Puts rows of a new key to the others on disk as they are. False: something is held of it already. */
  place(id: number, batch: Batch, from: number, to: number): boolean {
    if (this.#word(id) !== 0) return false
    this.#place(id, this.#append(id, batch, from, to))
    return true
  }

  close(): Promise<void> {
    return this.#log.close()
  }
}
