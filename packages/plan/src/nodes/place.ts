/** What every factory of nodes takes beside the node's own properties, and the checks that several share. */
import { type Field, field, Schema } from '@millrace/algebra'
import type { CallSite } from '../call-site.ts'
import { MillraceError } from '../error.ts'
import { column } from '../expression/build.ts'
import type { Expression } from '../expression/expression.ts'
import { columnsOf } from '../expression/traverse.ts'
import type { KeySpec } from '../node.ts'
import { quoteName } from '../suggestion.ts'

/** Where the user wrote the node (`callSite()`), and what they called it. */
export interface Place {
  readonly site: CallSite | undefined
  readonly name?: string | undefined
}

/** The columns an output has for a key: those of a column key, or one called `key`. Throws UNKNOWN_COLUMN. */
export function keyFields(schema: Schema, key: KeySpec, { site }: Place): Field[] {
  if (key.kind === 'function') return [field('key', 'any', true)]
  if (key.columns.length === 0) throw new MillraceError('INVALID_ARGUMENT', 'missing key columns', { site })
  return key.columns.map(name => {
    const { type, nullable } = column(schema, name, { site })
    return field(name, type, nullable)
  })
}

export function frozenKey(key: KeySpec): KeySpec {
  return Object.freeze(key.kind === 'columns' ? { ...key, columns: Object.freeze([...key.columns]) } : { ...key })
}

/** Throws UNKNOWN_COLUMN if the expression is not over columns of the schema. */
export function checkColumns(schema: Schema, expression: Expression, { site }: Place): void {
  for (const name of columnsOf(expression)) column(schema, name, { site })
}

/** A record schema. Throws COLUMN_CLASH where two columns have one name. */
export function recordOf(fields: readonly Field[], { site }: Place, hint: string): Schema {
  const seen = new Set<string>()
  for (const { name } of fields) {
    if (seen.has(name))
      throw new MillraceError('COLUMN_CLASH', `invalid columns: two are named ${quoteName(name)}`, { site, hint })
    seen.add(name)
  }
  return Schema.record(fields)
}
