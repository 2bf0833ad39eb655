/**
 * Batches as a driver lends them: laid out as awkwardly as allowed, unchanged by whoever reads them, and worth nothing
 * afterwards.
 */
import { Batch, type Column, type Schema } from '@millrace/algebra'
import type { SampleRow } from '../batches.ts'
import { awkwardColumn, Noise } from '../columns.ts'

type Numbers = Int32Array | Float64Array | BigInt64Array | Uint8Array

export class LentBatch {
  readonly batch: Batch
  readonly #arrays: readonly (Numbers | unknown[])[]
  readonly #before: readonly (Numbers | unknown[])[]

  constructor(schema: Schema, rows: readonly SampleRow[], seed: number) {
    const noise = new Noise(seed)
    this.batch = awkwardBatch(schema, rows, noise)
    const { selection, weights, times, columns } = this.batch
    this.#arrays = [selection, weights, times, ...columns.flatMap(arraysOf)].filter(array => array !== null)
    this.#before = this.#arrays.map(array => array.slice())
  }

  /** Throws if anybody wrote into the batch. */
  checkUnchanged(): void {
    this.#arrays.forEach((array, a) => {
      const before = this.#before[a]
      for (let i = 0; i < before.length; i++)
        if (!Object.is(array[i], before[i])) throw new Error('a lent batch was written to')
    })
  }

  /** Overwrites all of it, as the owner may once the call is over. */
  poison(): void {
    for (const array of this.#arrays) {
      if (array instanceof BigInt64Array) array.fill(-6666n)
      else if (Array.isArray(array)) array.fill('poison')
      else array.fill(array instanceof Uint8Array ? 0x5a : 66)
    }
  }
}

function arraysOf(column: Column): (Numbers | unknown[] | null)[] {
  switch (column.kind) {
    case 'dictionary':
      return [column.codes, column.validity]
    case 'utf8':
      return [column.starts, column.lengths, column.heap, column.validity]
    default:
      return [column.values, column.validity]
  }
}

/** The rows under a selection with others between them, or as they are. */
function awkwardBatch(schema: Schema, rows: readonly SampleRow[], noise: Noise): Batch {
  const selecting = noise.below(2) === 0
  const physical: SampleRow[] = []
  const chosen: number[] = []
  for (const row of rows) {
    while (selecting && noise.below(3) === 0) physical.push(rows[noise.below(rows.length)])
    chosen.push(physical.length)
    physical.push(row)
  }
  const columns = schema.fields.map((f, c) =>
    awkwardColumn(
      f.type,
      physical.map(row => row.values[c] ?? null),
      noise,
    ),
  )
  const weighted = rows.some(row => row.weight !== 1)
  const weights = weighted
    ? noise.place(
        Int32Array,
        physical.map(row => row.weight),
      )
    : null
  const times =
    rows[0].time === undefined
      ? null
      : noise.place(
          Float64Array,
          physical.map(row => row.time!),
        )
  return new Batch(schema, columns, rows.length, selecting ? noise.place(Int32Array, chosen) : null, weights, times)
}
