/**
 * Batches as Z-sets: collections of rows with integer weights (Budiu et al., DBSP, VLDB 2023, section 3).
 *
 * Under `add` and `negate` they are a commutative group, `consolidate` gives each element its one normal form (no row
 * twice, no weight 0), and is linear: consolidate(a + b) = consolidate(consolidate(a) + consolidate(b)).
 *
 * A row is its values, compared as in `equalRows`. Its event time is not part of it: rows that are added up keep the
 * latest, so the laws hold for rows and weights.
 *
 * Cost: linear; two 32-bit table slots and 8 bytes of sum a row. What consolidate and negate return shares the columns
 * of the batch they were given, and is lent as it was.
 */
import { Batch } from './batch.ts'
import { equalRows } from './compare/rows.ts'
import { concat } from './concat.ts'
import { hashContent } from './hash-content.ts'

/** The normal form: equal rows' weights added up, at the place of the first of them; rows of weight 0 dropped. */
export function consolidate(batch: Batch): Batch {
  const { length, selection, columns } = batch
  const hashes = new Int32Array(length)
  hashContent(batch, hashes)
  const firsts = firstEqual(batch, hashes, equalRows(columns, columns))

  const sums = new Float64Array(length)
  const old = batch.weights
  for (let i = 0; i < length; i++) sums[firsts[i]] += old === null ? 1 : old[selection === null ? i : selection[i]]
  const room = physicalRows(batch)
  const weights = new Int32Array(room)
  const rows = new Int32Array(length)
  let count = 0
  for (let i = 0; i < length; i++) {
    if (firsts[i] !== i || sums[i] === 0) continue
    const row = selection === null ? i : selection[i]
    weights[row] = checkedWeight(sums[i])
    rows[count++] = row
  }
  if (count === length && batch.weights === null) return batch
  return new Batch(batch.schema, columns, count, rows, weights, latestTimes(batch, firsts, room))
}

/** The inverse: add(batch, negate(batch)) is empty once consolidated. */
export function negate(batch: Batch): Batch {
  const { schema, columns, length, selection, times } = batch
  const weights = new Int32Array(physicalRows(batch))
  for (let i = 0; i < length; i++) weights[selection === null ? i : selection[i]] = checkedWeight(-batch.weight(i))
  return new Batch(schema, columns, length, selection, weights, times)
}

/** The sum, as a batch that owns its arrays: one behind the other, not consolidated. Both must have `a`'s types. */
export function add(a: Batch, b: Batch): Batch {
  return concat([a, b], a.schema)
}

/** For each row the first one equal to it. Open addressing with linear probing over positions, at most half full. */
function firstEqual(batch: Batch, hashes: Int32Array, equal: (i: number, j: number) => boolean): Int32Array {
  const { length, selection } = batch
  let capacity = 16
  while (capacity < length * 2) capacity *= 2
  const table = new Int32Array(capacity).fill(-1)
  const firsts = new Int32Array(length)
  for (let i = 0; i < length; i++) {
    const row = selection === null ? i : selection[i]
    let slot = hashes[i] & (capacity - 1)
    let first = table[slot]
    while (first >= 0) {
      if (hashes[first] === hashes[i] && equal(selection === null ? first : selection[first], row)) break
      slot = (slot + 1) & (capacity - 1)
      first = table[slot]
    }
    if (first < 0) table[slot] = first = i
    firsts[i] = first
  }
  return firsts
}

function latestTimes(batch: Batch, firsts: Int32Array, room: number): Float64Array | null {
  const { times, selection, length } = batch
  if (times === null) return null
  const latest = times.slice(0, room)
  for (let i = 0; i < length; i++) {
    const first = selection === null ? firsts[i] : selection[firsts[i]]
    const time = times[selection === null ? i : selection[i]]
    if (time > latest[first]) latest[first] = time
  }
  return latest
}

/** Rows that arrays by physical row must have room for; selections ascend. */
function physicalRows({ selection, length }: Batch): number {
  return selection === null || length === 0 ? length : selection[length - 1] + 1
}

function checkedWeight(weight: number): number {
  if ((weight | 0) !== weight) throw new RangeError(`invalid weight: ${weight} (weights are from -2^31 to 2^31-1)`)
  return weight
}
