/** The schema that the header of a record tells. */
import { type Field, field, Schema, type TypeKind, typeOf } from '@millrace/algebra'
import type { RecordHeader } from './part-layout.ts'

/** Throws a RangeError if it is none. */
export function storedSchema({ fields, bare = false }: Pick<RecordHeader, 'fields' | 'bare'>): Schema {
  if (!Array.isArray(fields)) fail('a batch without its schema')
  const columns = fields.map(fieldOf)
  if (bare === false) return Schema.record(columns)
  const [only] = columns
  if (bare !== true || columns.length !== 1 || only.name !== 'value') fail('an unknown schema')
  return Schema.bare(only.type, only.nullable)
}

function fieldOf(given: unknown): Field {
  const [name, kind, nullable] = Array.isArray(given) ? (given as unknown[]) : []
  if (
    typeof name !== 'string' ||
    typeof kind !== 'string' ||
    !Object.hasOwn(typeOf, kind) ||
    typeof nullable !== 'boolean'
  )
    fail('an unknown column')
  return field(name, kind as TypeKind, nullable)
}

function fail(problem: string): never {
  throw new RangeError(problem)
}
