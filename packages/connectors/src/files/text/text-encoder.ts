import { type Batch, type Column, Schema, showValue } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { showText } from '../../reject.ts'
import type { ByteSink } from '../sink/byte-sink.ts'
import type { RowEncoder } from '../sink/row-body.ts'
import { SelectedRows } from '../sink/selected-rows.ts'
import { isWellFormed } from '../well-formed.ts'

/** One line a row: the value of its only column. */
export class TextEncoder implements RowEncoder {
  readonly #label: string
  readonly #selected = new SelectedRows(false)

  /** Throws a MillraceError if rows are not text. */
  constructor(label: string, schema: Schema) {
    this.#label = label
    const [only, ...others] = schema.fields
    if (Schema.isOpaque(schema) || (only?.type.kind === 'text' && !only.nullable && others.length === 0)) return
    const given = schema.fields.map(f => `${f.name} ${f.type.kind}${f.nullable ? ' or null' : ''}`).join(', ')
    throw new MillraceError('SCHEMA_MISMATCH', `invalid rows to write as lines: ${given}`, {
      hint: 'A line is a string: .map(row => `...`) first, or write CSV or JSON Lines.',
    })
  }
  begin(): void {}
  encode(batch: Batch, out: ByteSink): void {
    const column: Column = batch.columns[0]!
    const selected = this.#selected
    selected.select(batch)
    for (let i = 0; i < selected.count; i++) {
      const value = column.get(selected.rows[i]!)
      if (typeof value !== 'string') throw this.#refused(`invalid line: ${showValue(value)}`, 'A line is a string.')
      if (value.includes('\n') || value.endsWith('\r'))
        throw this.#refused(`invalid line: ${showText(value)}`, 'A line cannot hold a line break.')
      if (!isWellFormed(value))
        throw this.#refused(`invalid text: ${showText(value)}`, 'It holds half a surrogate pair.')
      out.text(value)
      out.byte(10)
    }
  }
  #refused(message: string, hint: string): MillraceError {
    return new MillraceError('INVALID_VALUE', message, { at: this.#label, hint })
  }
}
