import type { Batch } from './batch.ts'
import type { AnyColumn } from './column.ts'
import { hashRows } from './keys/hash-rows.ts'
import { mixWord } from './keys/murmur.ts'
import { structuralHash } from './structure/hash.ts'
import { NotPlainData, plainDataError } from './structure/plain-data-error.ts'

/**
 * `out[i]` = a hash of all of row i's values that goes with `equalRows`: that of keys where all columns could be keys,
 * opaque values by structure. Lives in memory only.
 *
 * @throws ValueError naming the field, for an opaque value that is not plain data
 */
export function hashContent(batch: Batch, out: Int32Array): void {
  const { schema, columns, selection, length } = batch
  const keys = columns.filter(column => column.kind !== 'any')
  hashRows(keys, selection, length, out)
  columns.forEach((column, c) => {
    if (column.kind === 'any') mixStructures(column, schema.fields[c].name, selection, length, out)
  })
}

function mixStructures(
  column: AnyColumn,
  name: string,
  selection: Int32Array | null,
  length: number,
  out: Int32Array,
): void {
  for (let i = 0; i < length; i++) {
    const value = column.values[selection === null ? i : selection[i]]
    try {
      out[i] = mixWord(out[i], structuralHash(value ?? null))
    } catch (error) {
      throw error instanceof NotPlainData ? plainDataError(name, value) : error
    }
  }
}
