/**
 * Rows of a snapshot, of whatever store and version, to where rows are kept. Those that are as they are kept go to disk at once;
 * the others by way of memory, whose handle knows what becomes of them.
 */
import { Batch, Int32Column, slice } from '@millrace/algebra'
import { idsOf } from '../arrays.ts'
import type { StatePart } from '../handle.ts'
import type { Resident } from './resident.ts'
import type { ResidentRows } from './resident-rows.ts'

/** Rows that are in memory together. */
const PIECE_ROWS = 1024

export function restoreRows(rows: ResidentRows, resident: Resident, parts: readonly StatePart[]): void {
  for (const part of parts) {
    if (part.batch === null) continue
    const ids = idsOf(part.batch.columns[0], part.batch.length)
    for (let from = 0; from < ids.length; ) {
      const to = asKept(rows, part, ids, from)
      from = to > from ? to : throughMemory(rows, resident, part, ids, from)
    }
  }
  rows.leaveAll()
}

/** Rows from here on that go to disk as they are; returns the first that does not. */
function asKept(rows: ResidentRows, part: StatePart, ids: Int32Array, from: number): number {
  if (!rows.keepsAs(part)) return from
  for (let at = from; at < ids.length; ) {
    const next = endOf(ids, at)
    if (!rows.place(ids[at], part.batch!, at, next)) return at
    at = next
  }
  return ids.length
}

/** The end of the rows of one id, which lie side by side. */
function endOf(ids: Int32Array, from: number): number {
  let to = from + 1
  while (to < ids.length && ids[to] === ids[from]) to++
  return to
}

/** Only the first is, as long as nobody knows how rows are kept. */
function throughMemory(rows: ResidentRows, resident: Resident, part: StatePart, ids: Int32Array, from: number): number {
  const to = endOf(ids, rows.knowsRows ? Math.min(from + PIECE_ROWS, ids.length) - 1 : from)
  const { schema, columns, length } = slice(part.batch!, from, to)
  const slots = rows.takeAll(ids.slice(from, to))
  for (const slot of slots) rows.change(slot)
  resident.restore([{ ...part, batch: new Batch(schema, [new Int32Column(slots), ...columns.slice(1)], length) }])
  rows.leaveAll()
  return to
}
