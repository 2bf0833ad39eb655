/** The rows of each key folded two by two, in the order of the keys' first rows. */
export function reduceTwin<R>(
  rows: readonly { readonly key: string; readonly row: R }[],
  fn: (a: R, b: R) => R,
): { key: string; row: R }[] {
  const keys = [...new Set(rows.map(r => r.key))]
  return keys.map(key => ({
    key,
    row: rows
      .filter(r => r.key === key)
      .map(r => r.row)
      .reduce(fn),
  }))
}
