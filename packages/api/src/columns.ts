/**
 * The `c` of `where(c => ...)`: the columns of a collection as expressions.
 *
 * A name that is no column is an error at once, so the object is a Proxy. It lives while the plan is built; rows never
 * meet it. Of an opaque collection every property is a column, and they cannot be listed.
 */
import { Schema } from '@millrace/algebra'
import { column, MillraceError } from '@millrace/plan'
import type { ColumnsOf } from './expr.ts'
import { ExpressionBuilder } from './expr-builder.ts'

export function columnsFor<T>(schema: Schema): ColumnsOf<T> {
  const known: Record<string, ExpressionBuilder> = Object.create(null)
  if (!schema.bare) for (const { name } of schema.fields) known[name] = new ExpressionBuilder(column(schema, name))
  const columns: unknown = new Proxy(known, {
    get(_, name) {
      if (typeof name === 'symbol') return undefined
      return known[name] ?? new ExpressionBuilder(column(schema, name))
    },
    ownKeys() {
      if (Schema.isOpaque(schema)) throw unlisted()
      return Reflect.ownKeys(known)
    },
  })
  return columns as ColumnsOf<T>
}

function unlisted(): MillraceError {
  return new MillraceError('TYPE_MISMATCH', 'unknown columns: rows of an opaque collection have no declared columns', {
    hint: 'declare them with .as({ name: text, ... }) before spreading or listing them',
  })
}
