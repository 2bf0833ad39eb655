/**
 * The way out of a join: pairs of a left and a right row, as the columns of both or as what a user's function makes of
 * them.
 */
import type { Batch } from '@millrace/algebra'

export interface JoinPairs {
  /**
   * The rows of `left`, each with at most one row of `right`: row i of the batch with physical row `partners[i]`, alone
   * where that is -1.
   */
  each(left: Batch, right: Batch, partners: Int32Array): void
  /** Physical rows of both, the left ones ascending; a right one -1 where it is absent. */
  pairs(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, length: number): void
  /** Physical rows of the right alone. */
  alone(right: Batch, rows: Int32Array): void
  /** No more in this call. */
  flush(): void
}
