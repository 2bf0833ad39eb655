/** What the rows in memory of a state on disk need of the handle that has them, by slot. */
import type { StateHandle, StatePart } from '../handle.ts'

export interface Resident extends StateHandle {
  capture(slots: Int32Array, length: number): StatePart[]
  holds(slot: number): boolean
  /** Lets go of a row without counting its key as dropped. */
  forget(slot: number): void
}
