/** Key ids that a state holds something of, and what that is, for as long as it takes to write it down. */
import type { Column } from '@millrace/algebra'
import { columnOver, gatherArray, type StateArray } from './arrays.ts'

/** Those of some ids that have their flag, for a moment only: where that is all of them, the array itself. */
export function heldOf(present: Uint8Array, ids: Int32Array, length: number): Int32Array {
  let all = 0
  for (let i = 0; i < length; i++) all += flagOf(present, ids[i])
  if (all === length) return ids.subarray(0, length)
  const own = new Int32Array(all)
  let count = 0
  for (let i = 0; count < all; i++) {
    own[count] = ids[i]
    count += flagOf(present, ids[i])
  }
  return own
}

/** The greatest of some ids; -1: there are none. */
export function mostOf(ids: Int32Array): number {
  let most = -1
  for (let i = 0; i < ids.length; i++) if (ids[i] > most) most = ids[i]
  return most
}

/** Values of some ids, ascending, for a moment only: where ids lie side by side, as they are in the array. */
export function viewArray(array: StateArray, ids: Int32Array, length: number): Column {
  const [from, to] = [ids[0], ids[0] + length]
  if (Array.isArray(array) || ids[length - 1] !== to - 1) return gatherArray(array, ids, length)
  return columnOver(array, from, to)
}

function flagOf(present: Uint8Array, id: number): number {
  return id < present.length ? present[id] : 0
}
