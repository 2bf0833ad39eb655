/** The numbers of `docs/formats/frames.md`, version 1. They outlive releases: change none, add new ones. */
import type { ColumnKind } from '../column.ts'
import type { TypeKind } from '../schema.ts'

/** `MLRF` in memory. */
export const MAGIC = 0x46524c4d
export const VERSION = 1

/** Frame flags, in the upper half of the word whose lower half is the version. */
export const HAS_WEIGHTS = 1
export const HAS_TIMES = 2
/** Column flag. */
export const HAS_VALIDITY = 1

export const HEADER_BYTES = 40
export const COLUMN_BYTES = 40

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

export const MAX_ROWS = 1 << 24
export const MAX_BYTES = 1 << 30

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

export const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1
