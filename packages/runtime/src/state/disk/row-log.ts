/**
 * Rows on disk: a file to whose end rows are written, and from which they are read one by one, by address.
 *
 * Whoever has rows here knows their addresses: ids of keys are dense, so an array of four bytes a key says where each row is,
 * and there is nothing that a tree on disk would have to find (docs/adr/0007-rows-on-disk-in-a-log.md).
 *
 * The file is cut into segments. One is filled in memory and written when it is full, while the next is filled. A row that
 * is written again, or let go of, leaves a gap. Where gaps are more than `MOST_GAPS` of all rows, the segment with
 * the fewest rows left is read, these are written anew, and it is free again: so the file is never much larger than its rows.
 *
 * The file is this process's alone: it has lost its name as soon as it is open, so nothing is left of it however the process
 * ends. What it holds does not count after that: a job goes on from its checkpoint.
 *
 * A record (`row-record.ts`) begins at a multiple of `UNIT`. One that takes more than a segment has as many to itself as it needs.
 */
import { read, readSync } from 'node:fs'
import { MillraceError } from '@millrace/plan'
import { addressOf, placeOf, UNIT } from './address.ts'
import type { AnonymousFile } from './anonymous-file.ts'
import { type FoundRow, headOf, putRecord, RECORD_HEADER, rowAt } from './row-record.ts'

const MOST_ADDRESS = 2 ** 31 - 1
const SEGMENT_BYTES = 1 << 20
/** Of all records, those that are no longer read, before a segment is written anew. */
const MOST_GAPS = 0.4
/** A segment of which more is left is not worth it. */
const MOST_LEFT = 0.85
/** Segments that are filled before that. */
const FEW_SEGMENTS = 8
/** Segments on their way to the disk before whoever writes has to wait. */
const MOST_WRITING = 8
/** Bytes that are read at once where rows are asked for one behind the other. */
const WINDOW_BYTES = 1 << 16
/** Memory of segments that is kept for those to come. */
const MOST_SPARE = 4
/** Bytes that are read of a record of which only the address is known. */
const LEAST_GUESS = 256
const MOST_GUESS = 4096

/** Who has rows here. */
export interface RowOwner {
  /** The row of this id lies at `from`: it is written anew at `to`. False: it does not, or no longer. */
  moved(id: number, from: number, to: () => number): boolean
}

interface Segment {
  /** Records written, and those that are still read. */
  records: number
  live: number
  /** Its bytes, until they are on disk. */
  memory: Uint8Array | undefined
  /** It is the first of so many that one record takes; 0: the others of these, and free ones. */
  span: number
  writing: boolean
}

interface RowLogOptions {
  readonly file: AnonymousFile
  readonly owner: RowOwner
  readonly segmentBytes?: number | undefined
}

export class RowLog {
  readonly #file: AnonymousFile
  readonly #owner: RowOwner
  readonly #segmentBytes: number
  readonly #segments: Segment[] = []
  #free: number[] = []
  /** Memory of segments that were written. */
  readonly #spare: Uint8Array[] = []
  #victim: Uint8Array | undefined
  /** The one that is being filled, and how far. */
  #open = -1
  #filled = 0
  #records = 0
  #live = 0
  #compacting = false
  #writes = 0
  #reads = 0
  /** What waits for a segment to be written, or a row to be read. */
  #waiting: (() => void)[] = []
  #failure: unknown
  #guess = LEAST_GUESS
  /** Bytes of the file as they are there now. */
  #window: Uint8Array | undefined
  #windowFrom = 0
  #windowTo = 0
  #lastPlace = 0
  #scratch = new Uint8Array(LEAST_GUESS)

  constructor({ file, owner, segmentBytes = SEGMENT_BYTES }: RowLogOptions) {
    this.#file = file
    this.#owner = owner
    this.#segmentBytes = segmentBytes
  }

  /** Bytes of the file. */
  get bytes(): number {
    return this.#segments.length * this.#segmentBytes
  }

  /** Segments on their way to the disk. */
  get writing(): number {
    return this.#writes
  }

  /** Resolves when there is room to write; null: there is. Throws what writing failed with. */
  room(): Promise<void> | null {
    this.#check()
    if (this.#writes < MOST_WRITING) return null
    return this.#fewer()
  }

  async #fewer(): Promise<void> {
    while (this.#writes >= MOST_WRITING) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#check()
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  /** Lets go of the file, once nothing is on its way to it or from it. */
  async close(): Promise<void> {
    while (this.#writes + this.#reads > 0) await new Promise<void>(resolve => this.#waiting.push(resolve))
    this.#file.close()
  }

  /** Writes a row; returns its address, which is never 0. */
  append(id: number, bytes: Uint8Array, from: number, to: number): number {
    this.#check()
    const length = to - from
    const size = (RECORD_HEADER + length + UNIT - 1) & -UNIT
    if (size > this.#segmentBytes) return this.#appendLarge(id, bytes, from, to)
    while (this.#open < 0 || this.#filled + size > this.#segmentBytes) this.#begin()
    const segment = this.#segments[this.#open]
    const at = this.#filled
    putRecord(segment.memory!, at, id, bytes, from, to)
    this.#filled += size
    this.#count(segment, 1)
    return this.#address(this.#open, at)
  }

  #address(segment: number, at: number): number {
    return addressOf(segment * this.#segmentBytes + at)
  }

  #begin(): void {
    if (this.#open >= 0) this.#write(this.#open)
    this.#open = -1
    if (!this.#compacting) this.#compact()
    if (this.#open >= 0) return // what was written anew has begun one
    this.#open = this.#take(1)
    this.#segments[this.#open].memory = this.#spare.pop() ?? new Uint8Array(this.#segmentBytes)
    this.#filled = 0
  }

  /** So many segments side by side, for rows to come. */
  #take(span: number): number {
    const free = span === 1 ? this.#free.pop() : this.#takeRun(span)
    if (free !== undefined) return this.#used(free, span)
    const first = this.#segments.length
    if (addressOf((first + span) * this.#segmentBytes) > MOST_ADDRESS)
      throw new MillraceError('MEMORY_LIMIT', `invalid state: more than ${this.bytes} bytes on disk`, {
        hint: 'raise the parallelism: each worker has a share of the keys',
      })
    for (let i = 0; i < span; i++)
      this.#segments.push({ records: 0, live: 0, memory: undefined, span: 0, writing: false })
    return this.#used(first, span)
  }

  /** The first of so many free segments that lie side by side. */
  #takeRun(span: number): number | undefined {
    const free = this.#free.sort((a, b) => a - b)
    for (let i = 0; i + span <= free.length; i++)
      if (free[i + span - 1] - free[i] === span - 1) return free.splice(i, span)[0]
    return undefined
  }

  #used(first: number, span: number): number {
    this.#windowTo = 0
    this.#segments[first].span = span
    return first
  }

  #appendLarge(id: number, bytes: Uint8Array, from: number, to: number): number {
    const span = Math.ceil((RECORD_HEADER + to - from) / this.#segmentBytes)
    const first = this.#take(span)
    const memory = new Uint8Array(RECORD_HEADER + to - from)
    putRecord(memory, 0, id, bytes, from, to)
    const segment = this.#segments[first]
    segment.memory = memory
    this.#count(segment, 1)
    this.#write(first)
    return this.#address(first, 0)
  }

  #count(segment: Segment, records: number): void {
    segment.records += records
    segment.live += records
    this.#records += records
    this.#live += records
  }

  #write(index: number): void {
    const segment = this.#segments[index]
    segment.writing = true
    this.#writes++
    const written = (error: unknown): void => {
      this.#writes--
      segment.writing = false
      this.#windowTo = 0
      if (error === null || error === undefined) this.#spareMemory(segment)
      else this.#failure ??= this.#file.failed(error, 'write')
      if (segment.live === 0) this.#release(index)
      this.#resume()
    }
    this.#file.write(segment.memory!, index * this.#segmentBytes, written)
  }

  /** What stands in it stays until a segment is begun, so rows that were found in it are as they were. */
  #spareMemory(segment: Segment): void {
    const { memory } = segment
    segment.memory = undefined
    if (memory?.length === this.#segmentBytes && this.#spare.length < MOST_SPARE) this.#spare.push(memory)
  }

  #resume(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }

  /** The row at this address is no longer read. */
  release(address: number): void {
    const index = Math.floor(placeOf(address) / this.#segmentBytes)
    const segment = this.#segments[index]
    segment.live--
    this.#live--
    if (segment.live === 0 && index !== this.#open && !segment.writing) this.#release(index)
  }

  #release(index: number): void {
    const segment = this.#segments[index]
    if (segment.span === 0) return
    this.#records -= segment.records
    for (let i = index + segment.span - 1; i >= index; i--) this.#free.push(i)
    segment.records = 0
    segment.span = 0
    segment.memory = undefined
  }

  /** Writes anew what is left of a segment or two, if there are too many gaps: as many as are filled meanwhile. */
  #compact(): void {
    if (this.#reads > 0) return // what reads them has their addresses
    this.#compacting = true
    try {
      for (let n = 0; n < 2 && this.#live < this.#records * (1 - MOST_GAPS); n++) {
        const victim = this.#emptiest()
        if (victim < 0) return
        this.#writeAnew(victim)
      }
    } finally {
      this.#compacting = false
    }
  }

  #emptiest(): number {
    let victim = -1
    let least = MOST_LEFT
    let used = 0
    for (let i = 0; i < this.#segments.length; i++) {
      const { span, records, live, writing } = this.#segments[i]
      if (span !== 1 || writing || i === this.#open) continue
      used++
      if (live >= least * records) continue
      least = live / records
      victim = i
    }
    return used < FEW_SEGMENTS ? -1 : victim
  }

  #writeAnew(index: number): void {
    this.#victim ??= new Uint8Array(this.#segmentBytes)
    const bytes = this.#victim
    this.#readInto(bytes, index * this.#segmentBytes, bytes.length)
    const segment = this.#segments[index]
    for (let at = 0, left = segment.records; left > 0 && segment.live > 0; left--) {
      const { id, size } = headOf(bytes, at)
      const end = at + size
      if (end > bytes.length) throw this.#file.damaged()
      const address = this.#address(index, at)
      const place = at
      const live = this.#owner.moved(id, address, () => {
        const { from, to } = this.#checked(id, bytes, place, bytes.length)!
        return this.append(id, bytes, from, to)
      })
      if (live) this.release(address)
      at = (end + UNIT - 1) & -UNIT
    }
  }

  /** The row of this id at this address: valid until the next is read. */
  read(id: number, address: number): FoundRow {
    const place = placeOf(address)
    const found = this.#inMemory(place)
    if (found !== undefined) return this.#checked(id, found.memory, found.at, Number.POSITIVE_INFINITY)!
    const near = this.#inWindow(id, place)
    if (near !== undefined) return near
    this.#ensureScratch(this.#guess)
    let got = this.#readSome(this.#scratch, place, this.#guess)
    for (;;) {
      const row = this.#checked(id, this.#scratch, 0, got)
      if (row !== undefined) return row
      const size = this.#sizeOf(this.#scratch, got)
      this.#ensureScratch(size)
      got = this.#readSome(this.#scratch, place, size)
    }
  }

  /** Whoever tells of all rows asks for one behind the other: then many are read at once. */
  #inWindow(id: number, place: number): FoundRow | undefined {
    const ahead = place - this.#lastPlace
    this.#lastPlace = place
    if (place < this.#windowFrom || place >= this.#windowTo) {
      if (ahead <= 0 || ahead > MOST_GUESS) return undefined
      this.#window ??= new Uint8Array(WINDOW_BYTES)
      this.#windowFrom = place
      this.#windowTo = place + this.#readSome(this.#window, place, WINDOW_BYTES)
    }
    return this.#checked(id, this.#window!, place - this.#windowFrom, this.#windowTo - place, true)
  }

  /** The same without waiting: reads go on side by side, and other work meanwhile. */
  async readLater(id: number, address: number): Promise<FoundRow> {
    const place = placeOf(address)
    const found = this.#inMemory(place)
    if (found !== undefined) return this.#checked(id, found.memory, found.at, Number.POSITIVE_INFINITY)!
    this.#reads++
    try {
      let bytes = new Uint8Array(this.#guess)
      for (;;) {
        const got = await this.#readAside(bytes, place)
        const row = this.#checked(id, bytes, 0, got)
        if (row !== undefined) return row
        bytes = new Uint8Array(this.#sizeOf(bytes, got))
      }
    } finally {
      this.#reads--
      this.#resume()
    }
  }

  #readAside(bytes: Uint8Array, place: number): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#file.fd, bytes, 0, bytes.length, place, (error, got) =>
        error === null ? resolve(got) : reject(this.#file.failed(error, 'read')),
      )
    })
  }

  #inMemory(place: number): { readonly memory: Uint8Array; readonly at: number } | undefined {
    const index = Math.floor(place / this.#segmentBytes)
    const memory = this.#segments[index]?.memory
    return memory === undefined ? undefined : { memory, at: place - index * this.#segmentBytes }
  }

  /** Bytes to read for all of a record that was read in part. */
  #sizeOf(bytes: Uint8Array, got: number): number {
    const { size } = headOf(bytes, 0)
    if (size <= got) throw this.#file.damaged()
    while (this.#guess < size && this.#guess < MOST_GUESS) this.#guess *= 2
    return size
  }

  /** Undefined: there is more of it. */
  #checked(id: number, bytes: Uint8Array, at: number, got: number, part = false): FoundRow | undefined {
    if (part && got < RECORD_HEADER) return undefined
    const row = rowAt(id, bytes, at, got)
    if (row === null) throw this.#file.damaged()
    return row
  }

  #ensureScratch(size: number): void {
    if (this.#scratch.length < size) this.#scratch = new Uint8Array(size)
  }

  #readInto(bytes: Uint8Array, place: number, length: number): void {
    const memory = this.#inMemory(place)
    if (memory !== undefined) bytes.set(memory.memory.subarray(0, length))
    else if (this.#readSome(bytes, place, length) < RECORD_HEADER) throw this.#file.damaged()
  }

  #readSome(bytes: Uint8Array, place: number, length: number): number {
    try {
      return readSync(this.#file.fd, bytes, 0, length, place)
    } catch (error) {
      throw this.#file.failed(error, 'read')
    }
  }
}
