/** Generated text for the row at hand: its columns as readable pieces, and as the object a user's function sees. */
import { type Batch, Schema } from '@millrace/algebra'
import type { Code } from './emit-expression.ts'

export interface RowCode {
  readonly schema: Schema
  readonly columns: readonly Code[]
  /** The local that holds the row as an object or bare value, once made. */
  readonly object: string | undefined
}

/** The columns of the batch being read, at physical row `p`; takes them apart in the prologue. */
export function inputRow(schema: Schema, shape: Batch, prologue: string[]): RowCode {
  const columns = shape.columns.map((column, c): Code => {
    const text = columnText(column.kind, c, prologue)
    const { type } = schema.fields[c]!
    if (column.kind === 'any') return { text, nullable: true, kind: type.kind }
    if (column.validity === null) return { text, nullable: false, kind: type.kind }
    prologue.push(`const v${c} = columns[${c}].validity;`)
    const absent = `(v${c}[p >>> 3] & (1 << (p & 7))) === 0`
    return { text: `(${absent} ? null : ${text})`, nullable: true, kind: type.kind }
  })
  const bare = Schema.isOpaque(schema) ? columns[0]!.text : undefined
  return { schema, columns, object: bare }
}

function columnText(kind: string, c: number, prologue: string[]): string {
  switch (kind) {
    case 'dictionary':
      prologue.push(`const c${c} = columns[${c}].codes, d${c} = columns[${c}].dictionary.values;`)
      return `d${c}[c${c}[p]]`
    case 'utf8':
      prologue.push(`const s${c} = columns[${c}].starts, l${c} = columns[${c}].lengths, h${c} = columns[${c}].heap;`)
      return `utf8(h${c}, s${c}[p], l${c}[p])`
    case 'boolean':
      prologue.push(`const c${c} = columns[${c}].values;`)
      return `(c${c}[p] !== 0)`
    default:
      prologue.push(`const c${c} = columns[${c}].values;`)
      return `c${c}[p]`
  }
}

/** A column by name; of an opaque row, the property of that name. */
export function propertyOf(row: RowCode, name: string): Code {
  if (Schema.isOpaque(row.schema)) {
    const text = `dateless(${row.columns[0]!.text}?.[${JSON.stringify(name)}])`
    return { text, nullable: true, kind: 'any' }
  }
  return row.columns[Schema.indexOf(row.schema, name)]!
}

/** The row as users see it. `__proto__` is a column like any other, so it is written as a computed key. */
export function objectLiteral(row: RowCode): string {
  if (row.schema.bare) return row.columns[0]!.text
  const properties = row.schema.fields.map(({ name }, i) => {
    const key = name === '__proto__' ? '["__proto__"]' : JSON.stringify(name)
    return `${key}: ${row.columns[i]!.text}`
  })
  return `{ ${properties.join(', ')} }`
}
