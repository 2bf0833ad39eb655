/**
 * A snapshot of an operator, told piece by piece while it is written, though the operator goes on meanwhile.
 *
 * Law: what it tells is what the operator remembered when it began. A key's rows are told when their turn comes, by
 * ascending id; before a call that may change them they are copied and told early (`save`). So there is never a second
 * copy of the whole state, and what is paid for is what changes while the snapshot is in flight.
 *
 * Ids go in ascending order and not by key group: that reads memory from one end to the other, where a group's keys lie
 * anywhere in it (docs/adr/0006-snapshots-by-id.md). Who restores with other subtasks sorts rows by their keys' hashes.
 *
 * A change tells of the keys that were touched since another snapshot, and which those are: what a state held of them then
 * counts no longer (`cluster/merge-parts.ts`).
 */
import { Batch, field, Int32Column, type KeyIndex, Schema } from '@millrace/algebra'
import type { CaptureOptions } from './capture-options.ts'
import { type CapturedPart, EarlyParts } from './early-parts.ts'
import { MIXED_GROUPS, type StatePart } from './handle.ts'
import { idBatch, isOpaque } from './id-batch.ts'
import { KEY, TOUCHED } from './key-changes.ts'

/** Has been told, or copied. */
const DONE = 4
/** Ids of a piece, of one with opaque values, and ids looked at for one: at most a few milliseconds with encoding. */
const PIECE_IDS = 1 << 14
const OPAQUE_IDS = 1 << 10
const LOOKED_AT = 1 << 17
/** Of what was copied early, told with each piece. */
const EARLY_ROWS = 1 << 12

export class Capture {
  readonly #options: CaptureOptions
  readonly #marks: Uint8Array
  #pieceIds: number
  /** Of the piece that is told. */
  #ids = new Int32Array(0)
  readonly #keySchema: Schema | undefined
  readonly #first: readonly CapturedPart[]
  /** What was copied because it was about to change. */
  readonly #early = new EarlyParts()
  #over = false

  constructor(options: CaptureOptions) {
    const { index, ids } = options
    this.#options = options
    this.#marks = ids?.marks ?? new Uint8Array(0)
    this.#first = options.first
    this.#pieceIds = Math.min(OPAQUE_IDS, options.pieceIds ?? PIECE_IDS)
    if (index === null) return
    this.#keySchema = Schema.record([
      field('id', 'int32'),
      ...index.fields.map((f, i) => field(`${i}:${f.name}`, f.type, true)),
    ])
    this.#first = [...options.first, ...this.#heads(index, ids!.kept)]
  }

  /** Before anything changes of these ids. */
  save(ids: Int32Array, length: number): void {
    const marks = this.#marks
    let own: Int32Array | undefined
    let count = 0
    for (let i = 0; i < length; i++) {
      const id = ids[i]
      if (id < 0 || id >= marks.length || (marks[id] & (TOUCHED | DONE)) !== TOUCHED) continue
      marks[id] |= DONE
      own ??= new Int32Array(length)
      own[count++] = id
    }
    if (own === undefined) return
    this.#early.add(this.#held(own.subarray(0, count).sort(), count))
  }

  /** Before anything may change of all ids. */
  saveAll(): void {
    const ids = new Int32Array(this.#marks.length)
    for (let id = 0; id < ids.length; id++) ids[id] = id
    this.save(ids, ids.length)
  }

  /**
   * All of it, once: what was copied at once, then pieces of one moment, which have to be written or copied before anything
   * else happens. Throws if it has been ended.
   */
  *parts(): Generator<CapturedPart | readonly CapturedPart[]> {
    yield* this.#first
    for (let from = 0; from < this.#marks.length; ) {
      if (this.#over) throw new Error('invalid snapshot: another has taken its place')
      const early = this.#early.take(EARLY_ROWS)
      const { parts, next } = this.#piece(from, Math.min(from + LOOKED_AT, this.#marks.length))
      from = next
      yield [...early, ...parts]
    }
    for (let early = this.#early.take(EARLY_ROWS); early.length > 0; early = this.#early.take(EARLY_ROWS)) {
      yield early
      if (this.#over) throw new Error('invalid snapshot: another has taken its place')
    }
  }

  /** Nothing is told any more. */
  end(): void {
    if (this.#over) return
    this.#over = true
    this.#early.take()
    const { keyed, ended } = this.#options
    for (const [, handle] of keyed) handle.thaw?.()
    ended()
  }

  /** What is not told key by key. A state of which nothing has changed says so. */
  #heads(index: KeyIndex, kept: number): CapturedPart[] {
    const { keyed, whole } = this.#options
    const { highWater, free } = index.layout()
    const layout = this.#part('', idBatch(free.subarray(kept)), whole ? highWater : { highWater, kept }, -1)
    const states = keyed.flatMap(([name, handle]) => {
      const own = handle.freeze?.() ?? []
      if (own.length === 0 && !whole) return [this.#part(name, null, null, -1)]
      return own.map(({ batch, meta }) => this.#part(name, batch, meta, -1))
    })
    return [layout, ...states]
  }

  /** Of ids from one to another as many as make a piece; returns where the next begins. */
  #piece(from: number, to: number): { readonly parts: readonly CapturedPart[]; readonly next: number } {
    const marks = this.#marks
    const most = this.#pieceIds
    if (this.#ids.length < most) this.#ids = new Int32Array(most)
    const held = this.#ids
    let changed: readonly CapturedPart[] = []
    let next = from
    let live = 0
    if (this.#options.whole)
      for (; next < to && live < most; next++) {
        held[live] = next
        const mark = marks[next]
        const isOne = (mark & (TOUCHED | DONE)) === TOUCHED ? 1 : 0
        marks[next] = mark | (isOne * DONE)
        live += isOne
      }
    else {
      const ids = new Int32Array(most)
      let count = 0
      for (; next < to && count < most; next++) {
        const mark = marks[next]
        if (mark === 0) continue
        ids[count++] = next
        if ((mark & (TOUCHED | DONE)) !== TOUCHED) continue
        marks[next] = mark | DONE
        held[live++] = next
      }
      changed = this.#changed(ids.slice(0, count))
    }
    const parts = live === 0 ? [] : this.#held(held, live)
    if (live > 0) this.#pieceIds = this.#idsAfter(parts)
    return { parts: [...changed, ...parts], next }
  }

  #idsAfter(parts: readonly CapturedPart[]): number {
    const most = this.#options.pieceIds ?? PIECE_IDS
    return parts.some(({ batch }) => isOpaque(batch)) ? Math.min(most, OPAQUE_IDS) : most
  }

  /** Which ids have changed, and which of them have another key or none. */
  #changed(ids: Int32Array): readonly CapturedPart[] {
    if (ids.length === 0) return []
    const keys = ids.filter(id => (this.#marks[id] & KEY) !== 0)
    const touched = this.#part('', idBatch(ids), 'touched', -1)
    return keys.length === 0 ? [touched] : [touched, this.#part('', idBatch(keys), 'keys', -1)]
  }

  /** What is held of these ids: their keys, if they are new, and their rows. */
  #held(ids: Int32Array, length: number): CapturedPart[] {
    const { index, keyed, whole } = this.#options
    const own = whole ? ids.subarray(0, length) : ids.subarray(0, length).filter(id => (this.#marks[id] & KEY) !== 0)
    const parts: CapturedPart[] = []
    if (own.length > 0) {
      const columns = [new Int32Column(own), ...index!.gather(own, own.length)]
      parts.push(this.#part('', new Batch(this.#keySchema!, columns, own.length), null))
    }
    for (const [name, handle] of keyed)
      for (const { batch, meta } of handle.capture!(ids, length)) parts.push(this.#part(name, batch, meta))
    return parts
  }

  #part(state: string, batch: Batch | null, meta: StatePart['meta'], group = MIXED_GROUPS): CapturedPart {
    return { state, change: !this.#options.whole, group, meta, batch }
  }
}
