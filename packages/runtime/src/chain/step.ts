/**
 * Steps of a chain: what the rows of one batch go through, one after another, without leaving the loop. A chain is
 * everything between two places where rows must meet others: filters, projections, user functions, event times.
 */
import { field, Schema } from '@millrace/algebra'
import type { CallSite, Expression, UserFunction } from '@millrace/plan'

/** A column of a projection: an expression, or a user's function of the whole row. */
export interface StepColumn {
  readonly name: string
  readonly value: Expression | UserFunction
}

export type Step = { readonly site: CallSite | undefined; readonly label: string } & (
  | { readonly kind: 'filter' | 'map' | 'flatMap'; readonly fn: UserFunction }
  | { readonly kind: 'where'; readonly predicate: Expression }
  /** Puts these columns in the place of the row's. */
  | { readonly kind: 'project'; readonly columns: readonly StepColumn[]; readonly schema: Schema }
  /** Adds columns to the row's: the keys and arguments that the next operator reads. */
  | { readonly kind: 'extend'; readonly columns: readonly StepColumn[]; readonly schema: Schema }
  /** Checks values (of an opaque row) against a schema, and makes columns of them. */
  | { readonly kind: 'convert'; readonly schema: Schema }
  | { readonly kind: 'time'; readonly time: Expression | UserFunction }
)

/** The schema behind the steps. */
export function chainSchema(input: Schema, steps: readonly Step[]): Schema {
  let schema = input
  for (const step of steps) {
    if (step.kind === 'map' || step.kind === 'flatMap') schema = Schema.opaque
    else if (step.kind === 'project' || step.kind === 'convert' || step.kind === 'extend') schema = step.schema
  }
  return schema
}

/** The schema of rows with columns added; an opaque row becomes the column `value`. */
export function extendedSchema(input: Schema, added: Schema['fields']): Schema {
  const taken = new Set(input.fields.map(f => f.name))
  return Schema.record([
    ...input.fields,
    ...added.map(f => {
      let { name } = f
      while (taken.has(name)) name = `${name}'`
      taken.add(name)
      return field(name, f.type, f.nullable)
    }),
  ])
}

export function isFunction(value: Expression | UserFunction): value is UserFunction {
  return typeof value === 'function'
}
