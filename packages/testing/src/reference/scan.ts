/** The running folds of rows with keys, in the order of the rows. */
export function scanTwin<R>(
  rows: readonly { readonly key: string; readonly row: R; readonly time: number | undefined }[],
  initial: () => unknown,
  fn: (folded: unknown, row: R) => unknown,
): { value: unknown; time: number | undefined }[] {
  const folded: Record<string, unknown> = {}
  return rows.map(({ key, row, time }) => {
    folded[key] = fn(key in folded ? folded[key] : initial(), row)
    return { value: folded[key], time }
  })
}
