import { BatchBuilder, type Schema, ValueError } from '@millrace/algebra'
import { type Columns, type RowOf, schemaOf } from './columns.ts'
import type { StandardResult, StandardSchema } from './standard-schema.ts'

/** A row of declared columns, as a value: usable wherever a Standard Schema is, and columnar in Millrace itself. */
export interface RowSchema<T> extends StandardSchema<unknown, T> {
  readonly schema: Schema
}

/**
 * A row schema from column types. As a validator it takes objects with these properties, ignores others, and converts
 * nothing but a `Date` in a timestamp column.
 *
 * @example
 * const airport = row({ iata: text, state: text, runways: int32.nullable() })
 * airport['~standard'].validate({ iata: 'SEA', state: 'WA' }) // { value: { iata: 'SEA', state: 'WA', runways: null } }
 * @example
 * env.stream(csv('flights.csv', row({ date: timestamp, delay: int32, origin: text })))
 */
export function row<const C extends Columns>(columns: C): RowSchema<RowOf<C>> {
  const schema = schemaOf(columns)
  const builder = new BatchBuilder(schema, 1)
  return Object.freeze({
    schema,
    '~standard': {
      version: 1 as const,
      vendor: 'millrace',
      validate(candidate: unknown): StandardResult<RowOf<C>> {
        builder.clear()
        try {
          builder.append(candidate)
        } catch (error) {
          if (!(error instanceof ValueError)) throw error
          return { issues: [{ message: error.message, path: error.column === '' ? [] : [error.column] }] }
        }
        return { value: builder.build().row(0) as RowOf<C> }
      },
    },
  })
}
