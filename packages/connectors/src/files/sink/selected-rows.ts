import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'

/**
 * Calls back with the physical row and weight of each row of a batch. Where a file cannot show weights, rows come as
 * often as their weight says, each with weight 1; a deletion is then an error.
 */
export function forEachRow(batch: Batch, changelog: boolean, each: (row: number, weight: number) => void): void {
  const { length, selection, weights } = batch
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]!
    const weight = weights === null ? 1 : weights[row]!
    if (changelog) {
      if (weight !== 0) each(row, weight)
      continue
    }
    if (weight < 0)
      throw new MillraceError('WRONG_KIND', `invalid row to write: it is a deletion (weight ${weight})`, {
        hint: 'Write with { changelog: true }, which adds a column weight.',
      })
    for (let k = 0; k < weight; k++) each(row, 1)
  }
}
