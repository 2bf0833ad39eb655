/** The first of the rows with each key, in order. */
export function distinctTwin<R>(rows: readonly R[], keyOf: (row: R) => string): R[] {
  return rows.filter((row, i) => rows.findIndex(other => keyOf(other) === keyOf(row)) === i)
}
