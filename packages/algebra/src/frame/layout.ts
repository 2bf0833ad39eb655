/** The numbers of `docs/formats/frames.md`, version 1. They outlive releases: change none, add new ones. */
import type { ColumnKind } from '../column.ts'
import type { TypeKind } from '../schema.ts'

/** `MLRF` in memory. */
export const MAGIC = 0x46524c4d
export const VERSION = 1

/** Of the frame, in the upper half of the word whose lower half is the version; and of a column. */
export const flag = { weights: 1, times: 2, edge: 4, validity: 1, edgeColumn: 2 } as const

/** Bytes of the header and of a column's descriptor. */
export const size = { header: 40, column: 40 } as const

/** Of one frame; the entries are those of an edge dictionary. */
export const max = { rows: 1 << 24, bytes: 1 << 30, edgeEntries: (1 << 16) - 1 } as const

/** Words of the header. */
export const header = {
  magic: 0,
  versionAndFlags: 1,
  bytes: 2,
  rows: 3,
  columns: 4,
  reserved: 5,
  weights: 6,
  times: 8,
} as const

/** Words of a column's descriptor. The last four are pairs of an offset and a length in bytes. */
export const descriptor = { kindAndFlags: 0, entries: 1, validity: 2, first: 4, second: 6, third: 8 } as const

/** By the number that a kind has in a frame. */
export const KINDS: readonly ColumnKind[] = ['int32', 'double', 'bigint', 'boolean', 'dictionary', 'utf8', 'any']

/** The kinds of column that carry a type. */
export const CARRIERS: Readonly<Record<TypeKind, readonly ColumnKind[]>> = {
  int32: ['int32'],
  double: ['double'],
  bigint: ['bigint'],
  boolean: ['boolean'],
  text: ['dictionary', 'utf8'],
  timestamp: ['double'],
  any: ['any'],
}
