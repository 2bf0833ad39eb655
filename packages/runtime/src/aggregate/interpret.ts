/** The aggregate's loops, read one row at a time: what the generated ones must do. */
import type { Batch } from '@millrace/algebra'
import type { StateArray } from '../state/arrays.ts'
import type { Fields } from './accumulator.ts'
import { numberOf } from './number-of.ts'
import type { AddRows, Aggregate, MergeTable, Table } from './table.ts'

export function interpretAdd(aggregates: readonly Aggregate[]): AddRows {
  return (batch, ids, rows, length, into) => {
    for (let i = 0; i < length; i++) {
      const row = rows === null ? i : rows[i]!
      const id = ids[row]!
      touch(aggregates, into, id)
      eachState(aggregates, into.arrays, id, (aggregate, fields) => addRow(aggregate, fields, batch, row))
    }
  }
}

export function interpretMerge(aggregates: readonly Aggregate[]): MergeTable {
  return (from, into) => {
    for (let i = 0; i < from.size; i++) {
      const id = from.touched[i]!
      touch(aggregates, into, id)
      let offset = 0
      eachState(aggregates, into.arrays, id, ({ accumulator }, fields) => {
        const other = accumulator.fields.map((_, f) => from.arrays[offset + f]![id])
        offset += other.length
        accumulator.mergeInto(fields, other)
      })
    }
  }
}

export function interpretMergeRows(aggregates: readonly Aggregate[]): AddRows {
  return (batch, ids, rows, length, into) => {
    for (let i = 0; i < length; i++) {
      const row = rows === null ? i : rows[i]!
      const id = ids[row]!
      touch(aggregates, into, id)
      eachState(aggregates, into.arrays, id, ({ accumulator, column }, fields) =>
        accumulator.mergeInto(
          fields,
          accumulator.fields.map((_, f) => batch.get(column + f, row)),
        ),
      )
    }
  }
}

function addRow({ accumulator, column }: Aggregate, fields: Fields, batch: Batch, row: number): void {
  const weight = batch.weight(row)
  if (column < 0) return accumulator.addTo(fields, undefined, weight)
  const value = batch.get(column, row)
  if (accumulator.takes !== 'row' && (value === null || value === undefined)) return
  accumulator.addTo(fields, accumulator.takes === 'number' ? numberOf(value) : value, weight)
}

/** A key's first row sets its accumulators to their initial values. */
function touch(aggregates: readonly Aggregate[], table: Table, id: number): void {
  if (table.present[id] === 1) return
  table.present[id] = 1
  table.touched[table.size++] = id
  const initial = aggregates.flatMap(a => a.accumulator.initial)
  table.arrays.forEach((array, f) => {
    array[id] = initial[f] as never
  })
}

function eachState(
  aggregates: readonly Aggregate[],
  arrays: readonly StateArray[],
  id: number,
  update: (aggregate: Aggregate, fields: Fields) => void,
): void {
  let offset = 0
  for (const aggregate of aggregates) {
    const own = arrays.slice(offset, offset + aggregate.accumulator.fields.length)
    const fields: Fields = own.map(array => array[id])
    update(aggregate, fields)
    own.forEach((array, f) => {
      array[id] = fields[f] as never
    })
    offset += own.length
  }
}
