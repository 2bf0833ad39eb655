/** Naive aggregates: all rows of a group in an array, everything computed from it. */

export interface NaiveCall {
  readonly aggregate: 'count' | 'sum' | 'avg' | 'min' | 'max'
  /** The value's position in a row; ignored by count. */
  readonly column: number
}

/** NaN above all; text by code point. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'string') return compare([...a].map(codePoint), [...(b as string)].map(codePoint))
  if (!Array.isArray(a)) return Number.isNaN(a) ? 1 : Number.isNaN(b) || (a as number) < (b as number) ? -1 : 1
  const other = b as unknown[]
  const at = a.findIndex((point, i) => point !== other[i])
  return at < 0 ? a.length - other.length : other[at] === undefined ? 1 : compare(a[at], other[at])
}

const codePoint = (c: string): number => c.codePointAt(0)!

export function naiveAggregate({ aggregate, column }: NaiveCall, rows: readonly (readonly unknown[])[]): unknown {
  if (aggregate === 'count') return rows.length
  const values = rows.map(row => row[column]).filter(value => value !== null)
  if (values.length === 0) return null
  if (aggregate === 'min') return values.reduce((a, b) => (compare(b, a) < 0 ? b : a))
  if (aggregate === 'max') return values.reduce((a, b) => (compare(b, a) > 0 ? b : a))
  const sum = values.reduce((a, b) => ((a as number) + (b as number)) as never)
  if (aggregate === 'sum') return sum
  return typeof sum === 'bigint' ? Number(sum) / values.length : (sum as number) / values.length
}

/** Rows by the value of their key columns, in the order of first sight. */
export function naiveGroups(rows: readonly (readonly unknown[])[], key: readonly number[]): (readonly unknown[])[][] {
  const groups: { key: unknown[]; rows: (readonly unknown[])[] }[] = []
  for (const row of rows) {
    const own = key.map(k => (row[k] === 0 ? 0 : row[k]))
    const group = groups.find(g => g.key.every((value, i) => Object.is(value, own[i])))
    if (group === undefined) groups.push({ key: own, rows: [row] })
    else group.rows.push(row)
  }
  return groups.map(g => g.rows)
}
