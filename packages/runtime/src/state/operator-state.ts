/**
 * All that one operator remembers: its key index and the handles made from its declarations.
 *
 * The driver resolves each batch's keys to dense ids here, before the operator runs (`resolve`), and when a call of the
 * operator is over lets go of the keys that no state holds (`settle`): those new in the batch and those of which a
 * state has dropped what it held. Until then their ids and keys stay.
 */
import {
  Batch,
  type Column,
  type Field,
  field,
  GROUP_SHIFT,
  Int32Column,
  type KeyIndex,
  keyIndex,
  Schema,
} from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { InputSpec, OperatorSpec } from '../operator.ts'
import { byGroup, idsOf } from './arrays.ts'
import { CallClock } from './call-clock.ts'
import { Capture } from './capture.ts'
import { DroppedKeys } from './dropped-keys.ts'
import { ExpirySweep } from './expiry-sweep.ts'
import type { StateHandle, StatePart } from './handle.ts'
import { KeyChanges } from './key-changes.ts'
import { memoryStore, type StateStore } from './store.ts'

/** Under which a snapshot has how far the sweep for what has expired has come. */
export const SWEEP = 'sweep'

/** Snapshot of an operator: the parts of each state by its name, and of the key index under `''`. */
export type OperatorSnapshot = ReadonlyMap<string, readonly StatePart[]>

export class OperatorState {
  readonly index: KeyIndex | null
  readonly handles: Readonly<Record<string, StateHandle>>
  readonly #keyed: readonly StateHandle[]
  readonly #lazy: readonly StateHandle[]
  readonly #dropped = new DroppedKeys()
  readonly #spec: OperatorSpec
  /** Null: nothing expires. */
  readonly #sweep: ExpirySweep | null
  #sizeBefore = 0
  #highWaterBefore = 0
  readonly #changes: KeyChanges | null
  #capture: Capture | null = null

  constructor(spec: OperatorSpec, store: StateStore = memoryStore, clock: CallClock = new CallClock(() => 0)) {
    this.#spec = spec
    const fields = keyFields(spec.inputs)
    this.index = fields === null ? null : keyIndex(fields)
    this.#changes = this.index === null ? null : new KeyChanges(this.index)
    this.#dropped.beforeChange = id => this.#touch(Int32Array.of(id), 1)
    this.#dropped.beforeAll = () => {
      this.#capture?.saveAll()
      this.#changes?.cleared()
    }
    this.handles = Object.fromEntries(
      Object.entries(spec.state).map(([name, d]) => [name, store.handle(d, this.#dropped, clock)]),
    )
    this.#keyed = Object.values(this.handles).filter(h => h.holds !== undefined)
    this.#lazy = Object.values(this.handles).filter(h => h.load !== undefined)
    const expiring = this.#keyed.filter(h => h.expire !== undefined)
    this.#sweep = expiring.length === 0 ? null : new ExpirySweep(expiring, clock)
  }

  /** Resolves the keys of a batch to ids, into `ids` if there is room; returns the array they are in. */
  resolve(batch: Batch, input: InputSpec, ids: Int32Array): Int32Array {
    const index = this.index!
    const room = ids.length >= batch.length ? ids : new Int32Array(batch.length * 2)
    this.#sizeBefore = index.size
    this.#highWaterBefore = index.highWater
    const columns = pick(batch.columns, input.key!.columns)
    try {
      if (input.key!.missing === 'find') index.find(columns, batch.selection, batch.length, room)
      else index.resolve(columns, batch.selection, batch.length, room)
    } catch (error) {
      throw invalidKey(error)
    }
    this.#touch(room, batch.length)
    return room
  }

  /** Asks for what the states hold of these keys; null: it is all in memory. */
  load(ids: Int32Array, length: number): Promise<unknown> | null {
    if (this.#lazy.length === 0) return null
    const loads = this.#lazy.map(h => h.load!(ids, length)).filter(l => l !== null)
    return loads.length === 0 ? null : Promise.all(loads)
  }

  /** After a batch with keys: frees those of its keys that are new, and those that were dropped, if no state holds them. */
  settleBatch(ids: Int32Array, length: number): void {
    const index = this.index!
    if (index.size !== this.#sizeBefore) {
      // Where all ids were in use, the new ones are those above.
      const from = this.#sizeBefore === this.#highWaterBefore ? this.#highWaterBefore : 0
      for (let i = 0; i < length; i++) if (ids[i] >= from) this.#free(index, ids[i])
    }
    this.settle()
    this.#sweep?.step(
      length,
      index,
      (swept, count) => this.#capture?.save(swept, count),
      id => this.#free(index, id),
    )
  }

  /** Before a call that may change what is held of these keys. */
  #touch(ids: Int32Array, length: number): void {
    this.#changes?.touch(ids, length)
    this.#capture?.save(ids, length)
  }

  /** Counts a key as dropped. */
  release(id: number): void {
    this.#dropped.add(id)
  }

  /** Frees the keys of which something was dropped, if no state holds them. */
  settle(): void {
    const { ids, length, all } = this.#dropped
    if (all) return this.#settleAll()
    if (length === 0) return
    this.#capture?.save(ids, length)
    if (this.index !== null) for (let i = 0; i < length; i++) this.#free(this.index, ids[i])
    this.#dropped.length = 0
  }

  /** Frees every key that no state holds; if that is all of them, at once. */
  #settleAll(): void {
    const { index } = this
    this.#dropped.all = false
    this.#dropped.length = 0
    if (index === null) return
    let some = false
    for (let id = 0; id < index.highWater && !some; id++) some = index.isLive(id) && this.#holds(id)
    if (!some) index.clear()
    else for (let id = 0; id < index.highWater; id++) this.#free(index, id)
  }

  #free(index: KeyIndex, id: number): void {
    if (!index.isLive(id) || this.#holds(id)) return
    index.free(id)
    this.#changes?.freed(id)
  }

  #holds(id: number): boolean {
    for (let i = 0; i < this.#keyed.length; i++) if (this.#keyed[i].holds!(id)) return true
    return false
  }

  readonly #groupOf = (id: number): number => (this.index === null ? 0 : this.index.hashOf(id) >>> GROUP_SHIFT)

  snapshot(): OperatorSnapshot {
    const groupOf = this.#groupOf
    const parts = new Map<string, StatePart[]>()
    if (this.#sweep !== null) parts.set(SWEEP, this.#sweep.snapshot())
    if (this.index !== null) parts.set('', snapshotIndex(this.index, groupOf))
    for (const [name, handle] of Object.entries(this.handles)) parts.set(name, handle.snapshot(groupOf))
    return parts
  }

  /**
   * A snapshot that is told while the operator goes on; one that was in flight is ended.
   *
   * @param whole all that is held; otherwise what has changed since the last one, or, if that does not count, since the one
   *   before
   * @param pieceIds ids of a piece at most
   */
  capture(whole: boolean, lastCounts: boolean, pieceIds?: number): Capture {
    this.#capture?.end()
    const { index } = this
    const ids = this.#changes?.begin(whole, lastCounts) ?? null
    const isWhole = ids?.whole ?? whole
    const handles = Object.entries(this.handles)
    const keyed = index === null ? [] : handles.filter(([, { capture }]) => capture !== undefined)
    const rest = handles.filter(([name]) => !keyed.some(([other]) => other === name))
    const copied = rest.map(([name, handle]) => [name, handle.snapshot(this.#groupOf)] as const)
    if (this.#sweep !== null) copied.push([SWEEP, this.#sweep.snapshot()])
    const first = copied.flatMap(([state, parts]) => parts.map(part => ({ ...part, state, change: false })))
    const capture = new Capture({
      index,
      whole: isWhole,
      ids,
      keyed,
      first,
      ended: () => this.#ended(capture),
      pieceIds,
    })
    this.#capture = capture
    return capture
  }

  #ended(capture: Capture): void {
    if (this.#capture === capture) this.#capture = null
  }

  restore(snapshot: OperatorSnapshot): void {
    if (this.index !== null) restoreIndex(this.index, snapshot.get('') ?? [])
    this.#sweep?.restore(snapshot.get(SWEEP) ?? [])
    for (const [name, handle] of Object.entries(this.handles)) this.#restore(handle, snapshot.get(name) ?? [])
  }

  /**
   * What takes what there is of this state (`''`: of the key index, of which the layout is first) piece by piece, before all
   * else is restored; undefined: it is to come with that.
   */
  pieces(name: string): ((parts: readonly StatePart[]) => void) | undefined {
    const handles = Object.values(this.handles)
    const { index } = this
    if (name === '' && index !== null && handles.some(({ takesPieces }) => takesPieces === true))
      return parts => restoreIndex(index, parts)
    const handle = Object.hasOwn(this.handles, name) ? this.handles[name] : undefined
    return handle?.takesPieces === true ? parts => this.#restore(handle, parts) : undefined
  }

  #restore(handle: StateHandle, parts: readonly StatePart[]): void {
    try {
      handle.restore(parts)
    } catch (error) {
      const { label, site } = this.#spec
      throw error instanceof MillraceError ? error.with({ operator: label, site }) : error
    }
  }
}

/** One type a key column for all inputs: equal, or the wider of two numeric ones, or any. */
function keyFields(inputs: readonly InputSpec[]): Field[] | null {
  const keys = inputs.flatMap(i => (i.key === undefined ? [] : [i.key.columns.map(c => i.schema.fields[c])]))
  if (keys.length === 0) return null
  return keys[0].map((first, i) => {
    const kinds = new Set(keys.map(k => k[i].type.kind))
    const nullable = keys.some(k => k[i].nullable)
    if (kinds.size === 1) return field(first.name, first.type, nullable)
    const numeric = [...kinds].every(k => k === 'int32' || k === 'double' || k === 'timestamp')
    return field(first.name, numeric ? 'double' : 'any', nullable)
  })
}

function pick(columns: readonly Column[], which: readonly number[]): readonly Column[] {
  return which.map(c => columns[c])
}

const freeSchema = Schema.record([field('id', 'int32')])

function snapshotIndex(index: KeyIndex, groupOf: (id: number) => number): StatePart[] {
  const live: number[] = []
  for (let id = 0; id < index.highWater; id++) if (index.isLive(id)) live.push(id)
  const { highWater, free } = index.layout()
  const parts: StatePart[] = [
    { group: -1, meta: highWater, batch: new Batch(freeSchema, [new Int32Column(free)], free.length) },
  ]
  const schema = Schema.record([
    field('id', 'int32'),
    ...index.fields.map((f, i) => field(`${i}:${f.name}`, f.type, true)),
  ])
  for (const [group, ids] of byGroup(live, groupOf)) {
    const columns = [new Int32Column(ids), ...index.gather(ids, ids.length)]
    parts.push({ group, meta: null, batch: new Batch(schema, columns, ids.length) })
  }
  return parts
}

function restoreIndex(index: KeyIndex, parts: readonly StatePart[]): void {
  for (const { group, meta, batch } of parts) {
    if (group === -1) index.restore({ highWater: meta as number, free: idsOf(batch!.columns[0], batch!.length) })
  }
  for (const { group, batch } of parts) {
    if (group !== -1) index.place(idsOf(batch!.columns[0], batch!.length), batch!.columns.slice(1), batch!.length)
  }
}

/** The index speaks of keys it refuses in a sentence and what to do. */
function invalidKey(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error
  const [message, ...hint] = error.message.split('. ')
  return new MillraceError('INVALID_KEY', message!, { hint: hint.join('. ') || undefined, cause: error })
}
