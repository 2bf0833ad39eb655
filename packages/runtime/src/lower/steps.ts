/** Steps that lowering adds to chains: keys, arguments, rows as objects. */
import { type Field, field, type Schema, Schema as Schemas } from '@millrace/algebra'
import type { Expression, KeySpec, PlanNode } from '@millrace/plan'
import { extendedSchema, type Step, type StepColumn } from '../chain/step.ts'
import type { Flow, Lowering } from './flow.ts'

export interface Added extends StepColumn {
  readonly type: Field
}

/** A flow with its rows' columns and some more behind them, and where everything is. */
export interface Prepared {
  readonly flow: Flow
  /** Columns that make up the row as it was. */
  readonly row: readonly number[]
  /** The added ones, in the order asked for; what is a column already is not added again. */
  readonly added: readonly number[]
}

/** The columns a key needs: existing ones by name, or a computed one. */
export function keyColumns(schema: Schema, key: KeySpec): Added[] {
  if (key.kind === 'function') return [{ name: 'key', value: key.fn, type: field('key', 'any', true) }]
  return key.columns.map(name => ({ name, value: reference(schema, name), type: fieldOf(schema, name) }))
}

export function reference(schema: Schema, name: string): Expression {
  const { type, nullable } = fieldOf(schema, name)
  return { kind: 'column', name, type, nullable }
}

function fieldOf(schema: Schema, name: string): Field {
  if (Schemas.isOpaque(schema)) return field(name, 'any', true)
  return schema.fields[Schemas.indexOf(schema, name)]!
}

/** The row kept whole, with columns added where they are not there already. */
export function prepareExtended(lowering: Lowering, flow: Flow, node: PlanNode, wanted: readonly Added[]): Prepared {
  const { schema } = flow
  const opaque = Schemas.isOpaque(schema)
  const existing = (c: Added): number =>
    !opaque && typeof c.value !== 'function' && c.value.kind === 'column' ? Schemas.indexOf(schema, c.value.name) : -1
  const missing = wanted.filter(c => existing(c) < 0)
  const row = schema.fields.map((_, i) => i)
  if (missing.length === 0) return { flow, row, added: wanted.map(existing) }
  const extended = extendedSchema(
    schema,
    missing.map(c => field(c.name, c.type.type, c.type.nullable)),
  )
  const step: Step = { kind: 'extend', columns: missing, schema: extended, site: node.site, label: 'key' }
  const added = wanted.map(c => (existing(c) >= 0 ? existing(c) : row.length + missing.indexOf(c)))
  return { flow: lowering.extend(flow, step), row, added }
}

/** Nothing but the columns asked for. */
export function prepareProjected(lowering: Lowering, flow: Flow, node: PlanNode, wanted: readonly Added[]): Prepared {
  const schema = Schemas.record(wanted.map((c, i) => field(`${i}:${c.name}`, c.type.type, c.type.nullable)))
  const step: Step = { kind: 'project', columns: wanted, schema, site: node.site, label: 'columns' }
  return { flow: lowering.extend(flow, step), row: [], added: wanted.map((_, i) => i) }
}

/** Back from the columns of an extended row to the row as it was. */
export function restoreRow(lowering: Lowering, flow: Flow, row: Schema, node: PlanNode): Flow {
  if (flow.schema.fields.length === row.fields.length && !Schemas.isOpaque(row)) return flow
  const columns = row.fields.map((f, i) => {
    const { name, type, nullable } = flow.schema.fields[i]!
    return { name: f.name, value: { kind: 'column', name, type, nullable } as const }
  })
  return lowering.extend(flow, { kind: 'project', columns, schema: row, site: node.site, label: 'row' })
}

/** The row as the value a user's function sees, in a column. */
export const rowColumn: Added = { name: 'row', value: (row: unknown) => row, type: field('row', 'any', true) }
