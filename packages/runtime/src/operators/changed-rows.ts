/** Which rows differ between two versions of the same columns: the changes that do not cancel out. */
import { type Column, isValid } from '@millrace/algebra'

/** `had[i]`, `has[i]`: row i existed before, exists now (null: all do). Rows gone or new are positions in `before` and `after`. */
export function changedRows(
  before: readonly Column[],
  after: readonly Column[],
  had: Uint8Array,
  has: Uint8Array | null = null,
): { readonly removed: Int32Array; readonly added: Int32Array } {
  const same = had.slice()
  if (has !== null) for (let i = 0; i < same.length; i++) same[i]! &= has[i]!
  for (let c = 0; c < before.length; c++) keepEqual(before[c]!, after[c]!, same)
  const removed = new Int32Array(had.length)
  const added = new Int32Array(had.length)
  let [gone, come] = [0, 0]
  for (let i = 0; i < had.length; i++) {
    if (same[i] === 1) continue
    if (had[i] === 1) removed[gone++] = i
    if (has === null || has[i] === 1) added[come++] = i
  }
  return { removed: removed.subarray(0, gone), added: added.subarray(0, come) }
}

/** Clears the marks of rows that differ in this column. */
function keepEqual(a: Column, b: Column, same: Uint8Array): void {
  if ((a.kind === 'double' || a.kind === 'int32') && a.kind === b.kind) {
    keepEqualNumbers(a.values, b.values, same)
    if (a.validity === null && b.validity === null) return
    for (let i = 0; i < same.length; i++) if (isValid(a.validity, i) !== isValid(b.validity, i)) same[i] = 0
    return
  }
  for (let i = 0; i < same.length; i++) if (same[i] === 1 && !isSame(a.get(i), b.get(i))) same[i] = 0
}

/** There is one NaN. */
function keepEqualNumbers(a: Int32Array | Float64Array, b: Int32Array | Float64Array, same: Uint8Array): void {
  for (let i = 0; i < same.length; i++) {
    const x = a[i]!
    const y = b[i]!
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) same[i] = 0
  }
}

/** An object may have changed inside, so it counts as another. */
function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) && (typeof a !== 'object' || a === null)
}
