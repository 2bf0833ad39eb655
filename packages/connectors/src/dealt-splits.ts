/**
 * Splits of a source that makes its rows: row i belongs to split i modulo their number. A split is named `2/4`, so that it
 * says by itself which rows it has, in whichever thread it is opened.
 */
import { MillraceError } from '@millrace/plan'
import type { Split } from '@millrace/runtime'

export interface Share {
  readonly index: number
  readonly count: number
}

export function dealtSplits(count: number): readonly Split[] {
  return Array.from({ length: count }, (_, i) => ({ id: `${i}/${count}` }))
}

/** Throws a MillraceError if there is no such split. */
export function shareOf({ id }: Split): Share {
  const match = /^(\d+)\/(\d+)$/.exec(id)
  const [index, count] = [Number(match?.[1]), Number(match?.[2])]
  if (!(index < count))
    throw new MillraceError('INVALID_ARGUMENT', `invalid split: ${id}`, {
      hint: 'A split is named as 2/4, the third of four.',
    })
  return { index, count }
}
