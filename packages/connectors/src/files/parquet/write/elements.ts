/** The types of a Parquet file from those of a schema; see `leaf.ts` for the way back. */
import type { Field, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import type { SchemaElement } from '../library.ts'

/** The root and a flat element a column. Throws a MillraceError for a column of any values. */
export function elementsOf(schema: Schema): SchemaElement[] {
  return [{ name: 'root', num_children: schema.fields.length }, ...schema.fields.map(elementOf)]
}

function elementOf({ name, type, nullable }: Field): SchemaElement {
  const common = { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED' } as const
  switch (type.kind) {
    case 'int32':
      return { ...common, type: 'INT32' }
    case 'double':
      return { ...common, type: 'DOUBLE' }
    case 'bigint':
      return { ...common, type: 'INT64' }
    case 'boolean':
      return { ...common, type: 'BOOLEAN' }
    case 'text':
      return { ...common, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }
    case 'timestamp':
      return {
        ...common,
        type: 'INT64',
        converted_type: 'TIMESTAMP_MICROS',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      }
    case 'any':
      throw new MillraceError('SCHEMA_MISMATCH', `invalid type of column ${JSON.stringify(name)} to write: any`, {
        hint: 'Parquet has typed columns only: declare this one, or leave it out.',
      })
  }
}
