/** What users' own states are declared as, and what operators do with their handles. */
import type { Schema } from '@millrace/algebra'
import type { StateTtl } from '@millrace/plan'
import type { Evolution } from './evolution.ts'
import type { StateHandle } from './handle.ts'

interface Declared {
  readonly ttl?: StateTtl | undefined
  readonly evolution?: Evolution | undefined
}

/** One value a key: opaque, or, with a schema, in typed columns. */
export interface ValuesDeclaration extends Declared {
  readonly kind: 'values'
  readonly schema?: Schema | undefined
  /** Opaque values are changed in place, so that snapshots need copies. */
  readonly changes?: boolean
}

/** Opaque values a key, in the order in which they were added. */
export interface ListsDeclaration extends Declared {
  readonly kind: 'lists'
}

/** Opaque values a key and second key. */
export interface MapsDeclaration extends Declared {
  readonly kind: 'maps'
}

/** Rows of the state that has expired are in all respects as if they were not there. */
export interface ValueCells extends StateHandle {
  /** Undefined: nothing is held. */
  get(id: number): unknown
  /** `undefined` removes. */
  set(id: number, value: unknown): void
}

export interface ListCells extends StateHandle {
  /** Never changed afterwards; undefined: it is empty. */
  get(id: number): readonly unknown[] | undefined
  add(id: number, value: unknown): void
  /** An empty list removes. */
  set(id: number, values: readonly unknown[]): void
}

export interface MapCells extends StateHandle {
  size(id: number): number
  has(id: number, key: unknown): boolean
  get(id: number, key: unknown): unknown
  set(id: number, key: unknown, value: unknown): void
  delete(id: number, key: unknown): void
  /** In the order in which the keys came. */
  entries(id: number): Iterable<readonly [unknown, unknown]>
  clear(id: number): void
}
