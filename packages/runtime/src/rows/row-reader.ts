/**
 * Rows as JavaScript values: an object with a property a column, or the bare value. What a user's function is given.
 *
 * For each shape of batch (physical kinds and validity of its columns) a reader is generated that takes the columns
 * apart once a batch and then writes an object literal a row, 2 to 10 ns; without generated code, the batch's own `row`.
 */
import { Batch, decodeUtf8, type Schema } from '@millrace/algebra'
import { inputRow, objectLiteral } from '../chain/emit-row.ts'
import { mayGenerate } from '../chain/may-generate.ts'

/** The row at a physical position of a batch. */
export type RowReader = (batch: Batch, physical: number) => unknown

type Opened = (physical: number) => unknown

let generated = 0

/**
 * A reader of rows of this schema; `columns`: where in the batch its columns are, default the first ones in order.
 *
 * @example
 * const read = rowReader(schema)
 * for (let i = 0; i < batch.length; i++) take(read(batch, batch.selection === null ? i : batch.selection[i]))
 */
export function rowReader(schema: Schema, columns: readonly number[] = schema.fields.map((_, i) => i)): RowReader {
  const shapes = new Map<string, (columns: Batch['columns']) => Opened>()
  const open = (batch: Batch): Opened => {
    const own = columns.map(c => batch.columns[c]!)
    const shape = own.map(c => (c.validity === null ? c.kind : `${c.kind}?`)).join()
    let opener = shapes.get(shape)
    if (opener === undefined) {
      const like = new Batch(schema, own, 0)
      opener = mayGenerate() ? generate(schema, like) : given => physical => new Batch(schema, given, 0).row(physical)
      shapes.set(shape, opener)
    }
    return opener(own)
  }
  let current: Batch | undefined
  let opened: Opened | undefined
  return (batch, physical) => {
    if (batch !== current) {
      opened = open(batch)
      current = batch
    }
    return opened!(physical)
  }
}

function generate(schema: Schema, like: Batch): (columns: Batch['columns']) => Opened {
  const prologue: string[] = []
  const row = inputRow(schema, like, prologue)
  const text = `"use strict"; // rows ${++generated}
return columns => {
  ${prologue.join('\n  ')}
  return p => (${objectLiteral(row)});
};`
  return new Function('utf8', text)(decodeUtf8) as (columns: Batch['columns']) => Opened
}
