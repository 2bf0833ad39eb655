/** Null is equal to nothing in a join: rows with an absent part in their key have no partner. */
import { type Batch, type Column, isValid } from '@millrace/algebra'

/** Sets `partners[i]` to -1 for each row i of the batch with an absent part in its key. */
export function maskNullKeys(batch: Batch, key: readonly number[], partners: Int32Array): void {
  const { selection, length } = batch
  for (const c of key) {
    const column = batch.columns[c]
    if (!mayBeAbsent(column)) continue
    for (let i = 0; i < length; i++) if (isAbsent(column, selection === null ? i : selection[i])) partners[i] = -1
  }
}

function mayBeAbsent(column: Column): boolean {
  return column.kind === 'any' || column.validity !== null
}

function isAbsent(column: Column, row: number): boolean {
  if (column.kind === 'any') return column.values[row] === null || column.values[row] === undefined
  return !isValid(column.validity, row)
}
