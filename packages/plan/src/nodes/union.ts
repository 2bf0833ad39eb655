/**
 * Union: the rows of several collections of the same columns.
 *
 * Columns go by name: inputs whose columns come in another order are reordered, an int32 joins a double as a double.
 */
import { type DataType, type Field, field, Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import { cast, column } from '../expression/build.ts'
import type { CollectionKind, PlanNode, UnionNode } from '../node.ts'
import { outcomes } from '../outcomes.ts'
import { quoteName } from '../suggestion.ts'
import type { Place } from './place.ts'
import { projectNode } from './rows.ts'

/** Throws TYPE_MISMATCH unless all inputs have the same columns. */
export function unionNode(spec: Place & { readonly inputs: readonly PlanNode[] }): UnionNode {
  const { site, name } = spec
  if (spec.inputs.length === 0) throw new MillraceError('INVALID_ARGUMENT', 'missing inputs of union', { site })
  const schema = spec.inputs.map(input => input.schema).reduce((a, b) => commonSchema(a, b, spec))
  const inputs = Object.freeze(spec.inputs.map(input => aligned(input, schema, spec)))
  const collection = spec.inputs
    .map(input => input.collection)
    .reduce<CollectionKind>((a, b) => outcomes.union[a][b], spec.inputs[0]!.collection)
  return Object.freeze({ kind: 'union', schema, collection, site, name, inputs })
}

function commonSchema(a: Schema, b: Schema, { site }: Place): Schema {
  const hint = 'select the same columns, of the same types, on both sides'
  const mismatch = (what: string) => new MillraceError('TYPE_MISMATCH', `invalid union: ${what}`, { site, hint })
  if (a.bare !== b.bare) throw mismatch(`${described(a)} with ${described(b)}`)
  const lacks = (of: Schema, from: Schema) => from.fields.find(f => Schema.indexOf(of, f.name) < 0)
  const lone = lacks(b, a) ?? lacks(a, b)
  if (lone !== undefined) throw mismatch(`column ${quoteName(lone.name)} is on one side only`)
  const fields = a.fields.map((f): Field => {
    const other = b.fields[Schema.indexOf(b, f.name)]!
    const type = widened(f.type, other.type)
    if (type === undefined || (a.bare && f.type.kind !== other.type.kind))
      throw mismatch(`column ${quoteName(f.name)} is ${f.type.kind} and ${other.type.kind}`)
    return field(f.name, type, f.nullable || other.nullable)
  })
  return a.bare ? Schema.bare(fields[0]!.type, fields[0]!.nullable) : Schema.record(fields)
}

function widened(a: DataType, b: DataType): DataType | undefined {
  if (a.kind === b.kind) return a
  const pair = [a.kind, b.kind]
  return pair.includes('int32') && pair.includes('double') ? { kind: 'double' } : undefined
}

function aligned(input: PlanNode, schema: Schema, place: Place): PlanNode {
  const fits = input.schema.fields.every(
    (f, i) => f.name === schema.fields[i]!.name && f.type.kind === schema.fields[i]!.type.kind,
  )
  if (fits) return input
  const columns = schema.fields.map(({ name, type }) => {
    const reference = column(input.schema, name)
    return { name, expression: reference.type.kind === type.kind ? reference : cast(reference, type) }
  })
  return projectNode({ input, columns, site: place.site })
}

function described(schema: Schema): string {
  if (Schema.isOpaque(schema)) return 'rows without a schema'
  return schema.bare ? `rows of ${schema.fields[0]!.type.kind}` : 'rows with a schema'
}
