/**
 * One column of an index's keys, by id: the typed half of a `KeyIndex`. An index is a table of hashes and one of
 * these a key column, so that composite keys are nothing special.
 */
import type { Column } from '../column.ts'
import type { DataType } from '../schema.ts'

/** The id of a row whose key may be in the index, but not where it was looked for. */
export const UNKNOWN = -2

export interface KeyColumn {
  /** Throws a TypeError for a kind of column that cannot hold this column's keys. */
  check(column: Column): void
  /** Makes room for ids below `capacity`. */
  grow(capacity: number): void
  /** Sets each `ids[i]` >= 0 whose key is not row i's to UNKNOWN; returns how many. */
  verify(column: Column, selection: Int32Array | null, length: number, ids: Int32Array): number
  /** Whether the id's key is that of a *physical* row. */
  equals(id: number, column: Column, row: number): boolean
  /** Keeps the key of a physical row as that of an id. */
  put(id: number, column: Column, row: number): void
  /** Lets go of an id's key. */
  remove(id: number): void
  /** The keys of some ids as a column that shares nothing with the index. */
  gather(ids: Int32Array, length: number): Column
}

export function wrongKind(column: Column, type: DataType): TypeError {
  return new TypeError(
    `invalid key column: ${column.kind} for keys of type ${type.kind}. Declare the key's type as that of the data, or as any`,
  )
}
