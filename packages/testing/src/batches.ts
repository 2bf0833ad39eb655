/**
 * Random batches for property tests, made as awkwardly as the contract of columns allows: arrays longer than what is in
 * use and beginning in the middle of their buffers, junk in absent rows, behind strings and in unused bits, text that
 * overlaps, and selections. Each comes with its rows as plain values, which is what a test compares with.
 */
import { Batch, type Column, type DataType, field, Schema, type TypeKind } from '@millrace/algebra'
import fc from 'fast-check'
import { awkwardColumn, Noise } from './columns.ts'
import { valuesOf } from './values.ts'

export interface SampleRow {
  /** One a column; null where absent. */
  readonly values: readonly unknown[]
  readonly weight: number
  readonly time: number | undefined
}

export interface Sample {
  readonly batch: Batch
  readonly rows: readonly SampleRow[]
}

export interface SampleOptions {
  /** Physical rows at most; the default is 12. */
  readonly maxRows?: number
  /** Whether rows carry weights or times: always, never, or as it comes. */
  readonly weights?: boolean
  readonly times?: boolean
}

const KINDS: readonly TypeKind[] = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp', 'any']

/** Schemas of up to four columns of these types, all by default. */
export function schemas(kinds: readonly TypeKind[] = KINDS): fc.Arbitrary<Schema> {
  const columns = fc.array(fc.tuple(fc.constantFrom(...kinds), fc.boolean()), { maxLength: 4 })
  const records = columns.map(types =>
    Schema.record(types.map(([kind, nullable], c) => field(`c${c}`, kind, nullable))),
  )
  const bares = fc.tuple(fc.constantFrom(...kinds), fc.boolean()).map(([kind, nullable]) => Schema.bare(kind, nullable))
  return fc.oneof({ arbitrary: records, weight: 4 }, { arbitrary: bares, weight: 1 })
}

/** Batches of a schema. */
export function batches(schema: Schema, options: SampleOptions = {}): fc.Arbitrary<Sample> {
  const { maxRows = 12 } = options
  const row = fc.tuple(...schema.fields.map(f => rowValue(f.type, f.nullable)))
  const cell = fc.record({
    values: row,
    weight: fc.oneof(fc.constantFrom(1, -1), fc.integer({ min: -5, max: 5 })),
    time: fc.integer({ min: 0, max: 5 }),
    selected: fc.boolean(),
  })
  return fc
    .record({
      cells: fc.array(cell, { maxLength: maxRows, size: 'max' }), // by default ten rows would be many
      weighted: options.weights === undefined ? fc.boolean() : fc.constant(options.weights),
      timed: options.times === undefined ? fc.boolean() : fc.constant(options.times),
      selecting: fc.boolean(),
      seed: fc.nat(),
    })
    .map(({ cells, weighted, timed, selecting, seed }) => {
      const noise = new Noise(seed)
      const columns: Column[] = schema.fields.map((f, c) =>
        awkwardColumn(
          f.type,
          cells.map(({ values }) => values[c]),
          noise,
        ),
      )
      const chosen = cells.flatMap(({ selected }, i) => (selected || !selecting ? [i] : []))
      const weights = weighted
        ? noise.place(
            Int32Array,
            cells.map(cell => cell.weight),
          )
        : null
      const times = timed
        ? noise.place(
            Float64Array,
            cells.map(cell => cell.time),
          )
        : null
      const selection = selecting ? noise.place(Int32Array, chosen) : null
      const batch = new Batch(schema, columns, chosen.length, selection, weights, times)
      const rows = chosen.map(i => ({
        values: cells[i].values,
        weight: weighted ? cells[i].weight : 1,
        time: timed ? cells[i].time : undefined,
      }))
      return { batch, rows }
    })
}

/** What a batch holds, row by row, in the form of `Sample.rows`. */
export function rowsOf(batch: Batch): SampleRow[] {
  return Array.from({ length: batch.length }, (_, row) => ({
    values: batch.columns.map((_, c) => batch.get(c, row)),
    weight: batch.weight(row),
    time: batch.time(row),
  }))
}

function rowValue(type: DataType, nullable: boolean): fc.Arbitrary<unknown> {
  return nullable ? fc.option(valuesOf(type.kind), { nil: null, freq: 4 }) : valuesOf(type.kind)
}
