/**
 * One value a key in typed columns: of one type, or a row with a column a property. Eight bytes a number where an object
 * takes fifty, and a snapshot that copies arrays.
 */
import { type Schema, showValue, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { snapshotSchema } from './arrays.ts'
import { ColumnsState } from './columns.ts'
import type { DroppedKeys } from './dropped-keys.ts'
import { type Evolution, migrationOf, versionMeta } from './evolution.ts'
import type { StatePart } from './handle.ts'
import { columnsOf, requireStored, type StoredColumns, storedValues } from './stored-values.ts'
import { TypedColumn } from './typed-column.ts'
import type { ValueCells } from './user-declarations.ts'

export class TypedValues implements ValueCells {
  readonly #schema: Schema
  readonly #state: ColumnsState
  readonly #columns: readonly TypedColumn[]
  readonly #evolution: Evolution | undefined
  readonly #stored: StoredColumns

  constructor(schema: Schema, dropped: DroppedKeys, evolution?: Evolution) {
    this.#schema = schema
    this.#evolution = evolution
    const columns: TypedColumn[] = []
    const fields = schema.fields.map(of => TypedColumn.fieldsOf(of))
    for (let c = 0, at = 0; c < fields.length; at += fields[c++].length)
      columns.push(new TypedColumn(schema.fields[c], at))
    this.#columns = columns
    this.#state = new ColumnsState(fields.flat(), dropped)
    const flags = columns.flatMap((column, c) => (fields[c].length > 1 ? [column.at + 2] : []))
    this.#stored = { bare: schema.bare, flags }
  }

  get(id: number): unknown {
    const state = this.#state
    if (!state.holds(id)) return undefined
    if (this.#schema.bare) return this.#columns[0].read(state.arrays, id)
    return rowOf(this.#columns, column => column.read(state.arrays, id))
  }

  /** Throws ValueError, and changes nothing, if a column does not take its value. */
  set(id: number, value: unknown): void {
    if (value === undefined) return this.#state.clear(id)
    const checked = this.#checked(value)
    const state = this.#state
    state.ensure(id + 1)
    state.present[id] = 1
    for (let c = 0; c < checked.length; c++) this.#columns[c].put(state.arrays, id, checked[c])
  }

  #checked(value: unknown): unknown[] {
    const columns = this.#columns
    if (this.#schema.bare) return [this.#checkedBare(value)]
    if (typeof value !== 'object' || value === null) throw this.#invalid(value, 'row')
    const row = value as Record<string, unknown>
    return columns.map(column => {
      const { name } = column.field
      return column.checked(Object.hasOwn(row, name) ? row[name] : undefined, name)
    })
  }

  #checkedBare(value: unknown): unknown {
    try {
      return this.#columns[0].checked(value, '')
    } catch (error) {
      throw error instanceof ValueError ? this.#invalid(value, error.expected) : error
    }
  }

  #invalid(value: unknown, expected: string): MillraceError {
    const where = `${expected} in state ${JSON.stringify(this.#evolution?.name ?? '')}`
    return new MillraceError(
      'INVALID_VALUE',
      value === null ? `missing ${where}` : `invalid ${where}: ${showValue(value)}`,
    )
  }

  erase(id: number): void {
    const { present, arrays } = this.#state
    if (id >= present.length) return
    present[id] = 0
    for (const array of arrays) if (Array.isArray(array)) array[id] = undefined
  }

  forget(id: number): void {
    this.erase(id)
  }

  holds(id: number): boolean {
    return this.#state.holds(id)
  }

  ids(): Generator<number> {
    return this.#state.ids()
  }

  snapshot(groupOf: (id: number) => number): StatePart[] {
    return this.#told(this.#state.snapshot(groupOf))
  }

  capture(ids: Int32Array, length: number): StatePart[] {
    return this.#told(this.#state.capture(ids, length))
  }

  #told(parts: readonly StatePart[]): StatePart[] {
    const meta = { ...(versionMeta(this.#evolution) as object | null), ...this.#stored }
    return parts.map(part => ({ ...part, meta }))
  }

  restore(parts: readonly StatePart[]): void {
    const declared = columnsOf(snapshotSchema(this.#state.fields))
    for (const part of parts) {
      const { batch, meta } = part
      if (batch === null) continue
      const migrate = migrationOf(this.#evolution, meta)
      if (migrate === null) {
        requireStored(part, this.#evolution, this.#stored.bare, declared)
        this.#state.restore([part])
        continue
      }
      const read = storedValues(part)
      for (let i = 0; i < batch.length; i++) this.set(batch.get(0, i) as number, migrate(read(i)))
    }
  }
}

function rowOf(columns: readonly TypedColumn[], read: (column: TypedColumn) => unknown): object {
  const row: Record<string, unknown> = {}
  for (const column of columns) {
    const { name } = column.field
    if (name !== '__proto__') row[name] = read(column)
    else Object.defineProperty(row, name, { value: read(column), enumerable: true, configurable: true, writable: true })
  }
  return row
}
