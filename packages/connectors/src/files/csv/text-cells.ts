/** Text from the fields of a block: as a text column, or as strings in a column of any values. */
import { AnyColumn, type Column, type Field } from '@millrace/algebra'
import { TextColumn } from '../columns/text-column.ts'
import { exactText, isText } from '../text-position.ts'
import { type BadCell, type CellContext, isNull } from './cells.ts'
import type { CellColumn } from './number-cells.ts'
import { BEYOND_ASCII, DOUBLED } from './tokenizer.ts'

const QUOTE = 34

export class TextCells implements CellColumn {
  readonly #field: Field
  readonly #column = new TextColumn()
  #scratch = new Uint8Array(256)

  constructor(field: Field) {
    this.#field = field
  }

  parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    const { starts, ends, flags, rows, width } = context.tokens
    const column = this.#column
    // an empty text is a text, unless the column says that it may be absent
    const nullable = this.#field.nullable
    column.clear()
    for (let row = 0, cell = slot; row < rows; row++, cell += width) {
      const start = starts[cell]!
      const end = ends[cell]!
      const flag = flags[cell]!
      if (nullable && isNull(context, bytes, cell)) column.appendAbsent()
      else if ((flag & BEYOND_ASCII) !== 0 && !isText(bytes, start, end)) {
        context.bad.push(notText(row, slot))
        column.append(bytes, start, start)
      } else if ((flag & DOUBLED) !== 0) this.#appendUndoubled(bytes, start, end)
      else column.append(bytes, start, end)
    }
  }
  build(): Column {
    return this.#column.build()
  }

  #appendUndoubled(bytes: Uint8Array, start: number, end: number): void {
    if (end - start > this.#scratch.length) this.#scratch = new Uint8Array((end - start) * 2)
    const length = undouble(bytes, start, end, this.#scratch)
    this.#column.append(this.#scratch, 0, length)
  }
}

/** Strings, one object a row: for columns of any values and for rows that a validator is to see. */
export class StringCells implements CellColumn {
  readonly #nullable: boolean
  #values: unknown[] = []

  constructor({ nullable }: Field) {
    this.#nullable = nullable
  }
  parse(bytes: Uint8Array, slot: number, context: CellContext): void {
    const { starts, ends, flags, rows, width } = context.tokens
    this.#values = new Array(rows)
    for (let row = 0, cell = slot; row < rows; row++, cell += width) {
      if (this.#nullable && isNull(context, bytes, cell)) {
        this.#values[row] = null
        continue
      }
      const text = exactText(bytes, starts[cell]!, ends[cell]!)
      if (text === undefined) context.bad.push(notText(row, slot))
      this.#values[row] = (flags[cell]! & DOUBLED) !== 0 ? text?.replaceAll('""', '"') : text
    }
  }
  build(): AnyColumn {
    return new AnyColumn(this.#values)
  }
}

function notText(row: number, slot: number): BadCell {
  return { row, slot, expected: 'text', hint: ' (not UTF-8)', missing: false }
}

/** Copies a field with its doubled quotes made single; returns the length. */
function undouble(bytes: Uint8Array, start: number, end: number, to: Uint8Array): number {
  let length = 0
  for (let at = start; at < end; at++) {
    to[length++] = bytes[at]!
    if (bytes[at] === QUOTE) at++
  }
  return length
}
