/** Generated text for the row at hand: its columns as readable pieces, and as the object a user's function sees. */
import { type Batch, type Column, Schema, type TypeKind } from '@millrace/algebra'
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
    const code = valueAt(column, c, String(c), prologue)
    return { ...code, kind: schema.fields[c]!.type.kind }
  })
  const bare = Schema.isOpaque(schema) ? columns[0]!.text : undefined
  return { schema, columns, object: bare }
}

/** The value of `columns[c]` at physical row `p`; `suffix` tells its names in the prologue from others'. */
export function valueAt(column: Column, c: number, suffix: string, prologue: string[]): Code {
  const text = columnText(column.kind, c, suffix, prologue)
  const kind = kinds[column.kind]
  if (column.kind === 'any') return { text, nullable: true, kind }
  if (column.validity === null) return { text, nullable: false, kind }
  prologue.push(`const v_${suffix} = columns[${c}].validity;`)
  return { text: `((v_${suffix}[p >>> 3] & (1 << (p & 7))) === 0 ? null : ${text})`, nullable: true, kind }
}

/** What a physical kind holds, as far as expressions care. */
const kinds = {
  int32: 'int32',
  double: 'double',
  bigint: 'bigint',
  boolean: 'boolean',
  dictionary: 'text',
  utf8: 'text',
  any: 'any',
} as const satisfies Record<Column['kind'], TypeKind>

function columnText(kind: Column['kind'], c: number, x: string, prologue: string[]): string {
  switch (kind) {
    case 'dictionary':
      prologue.push(`const c_${x} = columns[${c}].codes, d_${x} = columns[${c}].dictionary.values;`)
      return `d_${x}[c_${x}[p]]`
    case 'utf8':
      prologue.push(`const s_${x} = columns[${c}].starts, l_${x} = columns[${c}].lengths, h_${x} = columns[${c}].heap;`)
      return `utf8(h_${x}, s_${x}[p], l_${x}[p])`
    case 'boolean':
      prologue.push(`const c_${x} = columns[${c}].values;`)
      return `(c_${x}[p] !== 0)`
    default:
      prologue.push(`const c_${x} = columns[${c}].values;`)
      return `c_${x}[p]`
  }
}

/** A column by name; of an opaque row, the property of that name. */
export function propertyOf(row: RowCode, name: string): Code {
  const given = givenProperty(row, name)
  return Schema.isOpaque(row.schema) ? { ...given, text: `dateless(${given.text})` } : given
}

/** The same, as the opaque row has it: a Date stays one, and undefined is not null. */
export function givenProperty(row: RowCode, name: string): Code {
  if (Schema.isOpaque(row.schema))
    return { text: `${row.columns[0]!.text}?.[${JSON.stringify(name)}]`, nullable: true, kind: 'any' }
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
