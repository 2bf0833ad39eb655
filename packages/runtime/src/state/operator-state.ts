/**
 * All that one operator remembers: its key index and the handles made from its declarations.
 *
 * The driver resolves each batch's keys to dense ids here, before the operator runs (`resolve`), and afterwards lets
 * go of keys that no state holds (`settle`): those new in the batch and those of which a state was dropped.
 */
import { Batch, type Column, type Field, field, Int32Column, type KeyIndex, keyIndex, Schema } from '@millrace/algebra'
import type { InputSpec, OperatorSpec } from '../operator.ts'
import { byGroup, idsOf } from './arrays.ts'
import { CellState } from './cell.ts'
import { ColumnsState } from './columns.ts'
import type { StateDeclaration } from './declaration.ts'
import type { StateHandle, StatePart } from './handle.ts'
import { KeyedValues } from './keyed-values.ts'
import { RowsState } from './rows.ts'
import { SlicesState } from './slices.ts'
import { TimersState } from './timers.ts'

/** Snapshot of an operator: the parts of each state by its name, and of the key index under `''`. */
export type OperatorSnapshot = ReadonlyMap<string, readonly StatePart[]>

export class OperatorState {
  readonly index: KeyIndex | null
  readonly handles: Readonly<Record<string, StateHandle>>
  readonly #keyed: readonly StateHandle[]
  #sizeBefore = 0

  constructor(spec: OperatorSpec) {
    const fields = keyFields(spec.inputs)
    this.index = fields === null ? null : keyIndex(fields)
    this.handles = Object.fromEntries(Object.entries(spec.state).map(([name, d]) => [name, handleFor(d)]))
    this.#keyed = Object.values(this.handles).filter(h => h.holds !== undefined)
  }

  /** Resolves the keys of a batch to ids; returns an array valid until the next call. */
  resolve(batch: Batch, input: InputSpec, ids: Int32Array): Int32Array {
    const index = this.index!
    const room = ids.length >= batch.length ? ids : new Int32Array(batch.length * 2)
    this.#sizeBefore = index.size
    const columns = pick(batch.columns, input.key!.columns)
    if (input.key!.missing === 'find') index.find(columns, batch.selection, batch.length, room)
    else index.resolve(columns, batch.selection, batch.length, room)
    return room
  }

  /** Frees those of these keys that no state holds; called when the batch brought new ones. */
  settle(ids: Int32Array, length: number): void {
    if (this.index === null || this.index.size === this.#sizeBefore) return
    for (let i = 0; i < length; i++) if (ids[i] >= 0) this.release(ids[i])
  }

  /** Frees a key if no state holds it. */
  release(id: number): void {
    const index = this.index!
    if (index.isLive(id) && !this.#keyed.some(h => h.holds!(id))) index.free(id)
  }

  snapshot(): OperatorSnapshot {
    const groupOf = (id: number): number => (this.index === null ? 0 : this.index.hashOf(id) >>> 25)
    const parts = new Map<string, StatePart[]>()
    if (this.index !== null) parts.set('', snapshotIndex(this.index, groupOf))
    for (const [name, handle] of Object.entries(this.handles)) parts.set(name, handle.snapshot(groupOf))
    return parts
  }

  restore(snapshot: OperatorSnapshot): void {
    if (this.index !== null) restoreIndex(this.index, snapshot.get('') ?? [])
    for (const [name, handle] of Object.entries(this.handles)) handle.restore(snapshot.get(name) ?? [])
  }
}

function handleFor(declaration: StateDeclaration): StateHandle {
  switch (declaration.kind) {
    case 'columns':
      return new ColumnsState(declaration.fields)
    case 'slices':
      return new SlicesState(declaration.fields)
    case 'rows':
      return new RowsState(declaration.schema, declaration.keyed)
    case 'timers':
      return new TimersState()
    case 'cell':
      return new CellState(declaration.initial())
    case 'keyedValues':
      return new KeyedValues()
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

function snapshotIndex(index: KeyIndex, groupOf: (id: number) => number): StatePart[] {
  const live: number[] = []
  for (let id = 0; id < index.highWater; id++) if (index.isLive(id)) live.push(id)
  const { highWater, free } = index.layout()
  const parts: StatePart[] = [{ group: -1, meta: { highWater, free: [...free] }, batch: null }]
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
  for (const { meta } of parts) {
    if (meta === null) continue
    const { highWater, free } = meta as { highWater: number; free: number[] }
    index.restore({ highWater, free: Int32Array.from(free) })
  }
  for (const { batch } of parts) {
    if (batch !== null) index.place(idsOf(batch.columns[0], batch.length), batch.columns.slice(1), batch.length)
  }
}
