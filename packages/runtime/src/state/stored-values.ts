/**
 * Users' values as a part of a snapshot has them, in whatever columns they were kept then: behind the id one column of
 * opaque values, or typed columns with flags of nulls; and last, where the state had a time-to-live, their times.
 */
import type { Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { Evolution } from './evolution.ts'
import type { StatePart } from './handle.ts'

/** The column of times; an `any` column of arrays where values are containers. */
export const STAMP = 'stamp'

/** What the meta of a part with typed columns says of them. */
export type StoredColumns = {
  /** True: values of one column; false: rows. */
  readonly bare: boolean
  /** Columns that say which values of the one before are null. */
  readonly flags: readonly number[]
}

function storedColumns({ meta }: StatePart): StoredColumns | undefined {
  const columns = meta as StoredColumns | null
  return columns?.bare === undefined ? undefined : columns
}

/** The value of row `i`. */
export function storedValues(part: StatePart): (i: number) => unknown {
  const { schema, columns } = part.batch!
  const stored = storedColumns(part)
  if (stored === undefined) return i => columns[1].get(i)
  const names = schema.fields.map(f => f.name)
  const own = names.flatMap((name, c) => (c === 0 || name === STAMP || stored.flags.includes(c) ? [] : [c]))
  const read = (c: number, i: number) =>
    stored.flags.includes(c + 1) && columns[c + 1].get(i) === true ? null : columns[c].get(i)
  if (stored.bare) return i => read(own[0], i)
  return i => Object.fromEntries(own.map(c => [nameOf(names[c]), read(c, i)]))
}

/** The columns of values, as errors show them. */
export function columnsOf({ fields }: Schema): string {
  const own = fields.filter(f => f.name !== 'id' && f.name !== STAMP)
  return own.map(f => `${nameOf(f.name)} ${f.type.kind}`).join(', ')
}

/** Throws STATE_MISMATCH if a part of the same version has other columns than are declared. */
export function requireStored(
  part: StatePart,
  evolution: Evolution | undefined,
  bare: boolean | undefined,
  declared: string,
): void {
  const stored = columnsOf(part.batch!.schema)
  if (storedColumns(part)?.bare === bare && stored === declared) return
  const name = JSON.stringify(evolution?.name ?? '')
  throw new MillraceError('STATE_MISMATCH', `invalid state ${name}: stored as ${stored}, declared as ${declared}`, {
    hint: 'give it a higher version, and declare migrate: (old, fromVersion) => ...',
  })
}

/** Names of typed columns have their number before them. */
function nameOf(column: string): string {
  return column.slice(column.indexOf(':') + 1)
}
