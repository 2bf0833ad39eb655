import type { Batch } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'

/** Refuses weights other than 1, for operators that cannot take rows back. */
export function requireAppends(batch: Batch, operation: string): void {
  const { weights, selection, length } = batch
  if (weights === null) return
  for (let i = 0; i < length; i++) {
    const weight = weights[selection === null ? i : selection[i]]
    if (weight === 1) continue
    throw new MillraceError('WRONG_KIND', `invalid input of ${operation}: a row with weight ${weight}`, {
      hint: `${operation} cannot take rows back: apply it before what makes updates, or aggregate instead`,
    })
  }
}
