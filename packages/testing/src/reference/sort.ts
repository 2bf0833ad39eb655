/** Rows in order of some values of each: nulls last, otherwise ascending or descending. Stable. */
export function sortTwin<R>(
  rows: readonly R[],
  by: readonly { readonly value: (row: R) => unknown; readonly descending: boolean }[],
): R[] {
  return [...rows].sort((a, b) => {
    for (const { value, descending } of by) {
      const [x, y] = [value(a), value(b)]
      if (x === null || y === null) {
        if (x !== y) return x === null ? 1 : -1
      } else if (compare(x, y) !== 0) return descending ? -compare(x, y) : compare(x, y)
    }
    return 0
  })
}

/** NaN above all numbers, text by code point. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [[...a], [...b]].map(text => text.map(c => c.codePointAt(0)!))
    const at = x.findIndex((c, i) => c !== y[i])
    return at < 0 ? x.length - y.length : (x[at] ?? -1) - (y[at] ?? -1)
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : x > y ? 1 : 0
}
