export type Matches<L, R> = (left: L, right: R) => boolean

/**
 * The pairs of a join, null for a side that is absent: left rows in order, each with its right rows in order, then the
 * right rows that met none. Semi and anti joins have no right row.
 */
export function joinTwin<L, R>(
  left: readonly L[],
  right: readonly R[],
  how: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti',
  matches: Matches<L, R>,
): [L | null, R | null][] {
  const partners = left.map(l => right.filter(r => matches(l, r)))
  const keepsLeft = how === 'left' || how === 'full'
  if (how === 'semi') return left.filter((_, i) => partners[i].length > 0).map(l => [l, null])
  if (how === 'anti') return left.filter((_, i) => partners[i].length === 0).map(l => [l, null])
  const pairs = left.flatMap((l, i): [L | null, R | null][] =>
    partners[i].length === 0 && keepsLeft ? [[l, null]] : partners[i].map(r => [l, r]),
  )
  if (how !== 'right' && how !== 'full') return pairs
  return [...pairs, ...right.filter(r => !left.some(l => matches(l, r))).map((r): [null, R] => [null, r])]
}
