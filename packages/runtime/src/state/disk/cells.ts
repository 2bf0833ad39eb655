/** Users' states whose rows are in memory or on disk: the same calls, on the slot where the key's row is then. */
import type { StateHandle, StatePart } from '../handle.ts'
import type { ListCells, MapCells, ValueCells } from '../user-declarations.ts'
import type { Resident } from './resident.ts'
import type { ResidentRows } from './resident-rows.ts'
import { restoreRows } from './restore-rows.ts'

/** Reading begins the time of what is read anew. */
interface Traits {
  readonly readChanges: boolean
  readonly expires: boolean
}

class Cells<R extends Resident> implements StateHandle {
  protected readonly rows: ResidentRows
  protected readonly resident: R
  readonly #readChanges: boolean
  readonly takesPieces = true
  readonly expire?: (id: number) => void

  constructor(rows: ResidentRows, resident: R, { readChanges, expires }: Traits) {
    this.rows = rows
    this.resident = resident
    this.#readChanges = readChanges
    if (expires) this.expire = id => rows.expire(id)
  }

  /** The slot with what there is to read; -1: nothing. */
  protected read(id: number): number {
    const slot = this.rows.find(id)
    if (this.#readChanges && slot >= 0) this.rows.change(slot)
    return slot
  }

  protected change(id: number): number {
    const slot = this.rows.take(id)
    this.rows.change(slot)
    return slot
  }

  holds(id: number): boolean {
    return this.rows.holds(id)
  }

  load(ids: Int32Array, length: number): Promise<void> | null {
    return this.rows.load(ids, length)
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    return this.rows.snapshot(groupOf)
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.rows.capture(ids, length)
  }

  restore(parts: readonly StatePart[]): void {
    restoreRows(this.rows, this.resident, parts)
  }
}

export class DiskValues extends Cells<Resident & ValueCells> implements ValueCells {
  get(id: number): unknown {
    const slot = this.read(id)
    return slot < 0 ? undefined : this.resident.get(slot)
  }

  set(id: number, value: unknown): void {
    if (value === undefined && this.rows.find(id) < 0) return
    this.resident.set(this.change(id), value)
  }

  /** Ids with a value, ascending. */
  ids(): Generator<number> {
    return this.rows.ids()
  }
}

export class DiskLists extends Cells<Resident & ListCells> implements ListCells {
  get(id: number): readonly unknown[] | undefined {
    const slot = this.read(id)
    return slot < 0 ? undefined : this.resident.get(slot)
  }

  add(id: number, value: unknown): void {
    this.resident.add(this.change(id), value)
  }

  set(id: number, values: readonly unknown[]): void {
    if (values.length === 0 && this.rows.find(id) < 0) return
    this.resident.set(this.change(id), values)
  }
}

const NONE: readonly (readonly [unknown, unknown])[] = []

export class DiskMaps extends Cells<Resident & MapCells> implements MapCells {
  size(id: number): number {
    const slot = this.rows.find(id)
    return slot < 0 ? 0 : this.resident.size(slot)
  }

  has(id: number, key: unknown): boolean {
    const slot = this.read(id)
    return slot >= 0 && this.resident.has(slot, key)
  }

  get(id: number, key: unknown): unknown {
    const slot = this.read(id)
    return slot < 0 ? undefined : this.resident.get(slot, key)
  }

  set(id: number, key: unknown, value: unknown): void {
    this.resident.set(this.change(id), key, value)
  }

  delete(id: number, key: unknown): void {
    if (this.rows.find(id) >= 0) this.resident.delete(this.change(id), key)
  }

  entries(id: number): Iterable<readonly [unknown, unknown]> {
    const slot = this.read(id)
    return slot < 0 ? NONE : this.resident.entries(slot)
  }

  clear(id: number): void {
    if (this.rows.find(id) >= 0) this.resident.clear(this.change(id))
  }
}
