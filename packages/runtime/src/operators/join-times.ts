/**
 * The time of a joined row: the later of its two. So that either all rows of a join have one or none has, times are
 * dropped where some row would lack one: the left rows' if those may come alone and have none, and likewise the right's.
 */
import type { Batch } from '@millrace/algebra'
import type { JoinHow } from '@millrace/plan'

export class JoinTimes {
  readonly #needsLeft: boolean
  readonly #needsRight: boolean

  constructor(how: JoinHow) {
    this.#needsLeft = how === 'left' || how === 'full' || how === 'anti' || how === 'semi'
    this.#needsRight = how === 'right' || how === 'full'
  }

  /** Whether rows made of these two have times. */
  timed(left: Batch, right: Batch): boolean {
    if (this.#needsLeft && left.times === null) return false
    if (this.#needsRight && right.times === null && right.length > 0) return false
    return left.times !== null || right.times !== null
  }

  /** The later of the times of two physical rows; -1: no row. */
  later(left: Batch, leftRow: number, right: Batch, rightRow: number): number {
    const l = leftRow < 0 || left.times === null ? Number.NEGATIVE_INFINITY : left.times[leftRow]
    const r = rightRow < 0 || right.times === null ? Number.NEGATIVE_INFINITY : right.times[rightRow]
    return Math.max(l, r)
  }
}
