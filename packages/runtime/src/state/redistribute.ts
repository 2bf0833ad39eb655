/**
 * Who gets which parts of states that no key tells apart, where a job is restored with another number of subtasks: a
 * broadcast state is every subtask's, from any one; values of an operator list are dealt out in turn.
 */
import { Batch, gather } from '@millrace/algebra'
import type { StatePart } from './handle.ts'

/** For each of `subtasks` the parts to restore from, of what each of the former ones had. */
export function redistributed(
  kind: 'broadcast' | 'operatorList',
  former: readonly (readonly StatePart[])[],
  subtasks: number,
): StatePart[][] {
  const all = Array.from({ length: subtasks }, (_, s) => s)
  if (kind === 'broadcast') return all.map(s => [...(former[s % former.length] ?? [])])
  let dealt = 0
  const shares: StatePart[][] = all.map(() => [])
  for (const part of former.flat()) {
    const { batch } = part
    if (batch === null) continue
    all.forEach(s => {
      const first = (((s - dealt) % subtasks) + subtasks) % subtasks
      const own = everyNth(batch, first, subtasks)
      if (own !== null) shares[s]!.push({ ...part, batch: own })
    })
    dealt += batch.length
  }
  return shares
}

function everyNth(batch: Batch, first: number, step: number): Batch | null {
  const rows: number[] = []
  for (let i = first; i < batch.length; i += step) rows.push(i)
  if (rows.length === 0) return null
  const indices = Int32Array.from(rows)
  return new Batch(
    batch.schema,
    batch.columns.map(column => gather(column, indices, rows.length)),
    rows.length,
  )
}
