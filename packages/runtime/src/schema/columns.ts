/**
 * Column types as values, for declaring what the rows of a source are:
 *
 *     csv('airports.csv', { iata: text, name: text, latitude: double })
 *
 * The record's property order is the order of the columns (JavaScript puts names that are whole numbers first).
 */
import { type DataType, type Field, field, Schema, typeOf } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'

declare const value: unique symbol

/** What a column holds: values of type `V`. */
export interface ColumnType<out V = unknown> {
  readonly type: DataType
  readonly isNullable: boolean
  /** The same, or null. */
  nullable(): ColumnType<V | null>
  /** In the type only. */
  readonly [value]?: V
}

/** Columns by name. */
export interface Columns {
  readonly [name: string]: ColumnType
}

/** The row that columns declare. */
export type RowOf<C> = { -readonly [N in keyof C]: C[N] extends ColumnType<infer V> ? V : never } & {}

/** Integers from -2^31 to 2^31-1. */
export const int32: ColumnType<number> = columnType(typeOf.int32)
/** Numbers; integers up to 2^53 exactly. */
export const double: ColumnType<number> = columnType(typeOf.double)
/** Integers from -2^63 to 2^63-1, as `bigint`. */
export const bigint: ColumnType<bigint> = columnType(typeOf.bigint)
export const boolean: ColumnType<boolean> = columnType(typeOf.boolean)
export const text: ColumnType<string> = columnType(typeOf.text)
/** Milliseconds since 1970-01-01T00:00:00Z, as `number`. */
export const timestamp: ColumnType<number> = columnType(typeOf.timestamp)
/** Any value, opaque to the engine: kept as an object, not as columns. Null and undefined count as absent. */
export const any: ColumnType<unknown> = columnType(typeOf.any, true)

function columnType<V>(type: DataType, isNullable = false): ColumnType<V> {
  return Object.freeze({ type, isNullable, nullable: () => columnType<V | null>(type, true) })
}

/** The schema that columns declare. Throws a MillraceError if something is not a column type. */
export function schemaOf(columns: Columns): Schema {
  const fields = Object.entries(columns).map(([name, column]) => fieldOf(name, column))
  if (fields.length === 0) throw new MillraceError('INVALID_ARGUMENT', 'missing columns', { hint: EXAMPLE })
  return Schema.record(fields)
}

const EXAMPLE = 'Declare columns as { name: text, amount: double.nullable() }.'

function fieldOf(name: string, column: unknown): Field {
  const { type, isNullable } = (column ?? {}) as Partial<ColumnType>
  if (type === undefined || !Object.hasOwn(typeOf, type.kind)) {
    const known = Object.keys(typeOf).join(', ')
    throw new MillraceError('INVALID_ARGUMENT', `invalid type of column ${JSON.stringify(name)}: ${String(column)}`, {
      hint: `A column type is one of ${known}, imported from 'millrace', with .nullable() where values may be absent.`,
    })
  }
  return field(name, type, isNullable === true)
}
