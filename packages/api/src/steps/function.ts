/** Steps by functions of one row: map, flatMap, filter, with, and `as`, which declares what they return. */
import { Schema } from '@millrace/algebra'
import {
  type CallSite,
  type FunctionNode,
  functionNode,
  MillraceError,
  mapAsyncNode,
  type PlanNode,
  type UserFunction,
} from '@millrace/plan'
import { type Columns, declaredRows, InvalidRow, refusePromise, type StandardSchema, schemaOf } from '@millrace/runtime'
import { checkFunction } from './options.ts'

type Site = CallSite | undefined

export function applied(kind: FunctionNode['kind'], input: PlanNode, fn: UserFunction, site: Site): PlanNode {
  checkFunction(kind, fn)
  return functionNode({ kind, input, fn, site })
}

/** A function whose result was opaque returns the declared rows itself; anything else goes through an identity. */
export function as(input: PlanNode, declared: Columns | StandardSchema, site: Site): PlanNode {
  const { schema, validate } = declaredRows(declared)
  if (schema === undefined) throw new MillraceError('INVALID_ARGUMENT', 'missing columns or schema of as')
  if (validate !== undefined)
    return functionNode({ kind: 'map', input, fn: labelled('as', checking(validate)), schema, site })
  if (Schema.equal(schema, input.schema)) return input
  if ((input.kind === 'map' || input.kind === 'flatMap') && Schema.isOpaque(input.schema))
    return functionNode({ ...input, schema })
  if (input.kind === 'mapAsync' && Schema.isOpaque(input.schema)) return mapAsyncNode({ ...input, schema })
  return functionNode({ kind: 'map', input, fn: labelled('as', (row: unknown) => row), schema, site })
}

function checking(validate: (candidate: unknown) => unknown): UserFunction {
  return (row: unknown) => {
    try {
      return validate(row)
    } catch (error) {
      throw error instanceof InvalidRow ? new MillraceError('INVALID_ROW', `invalid row: ${error.message}`) : error
    }
  }
}

/** A function of ours under the name that explain shall show. */
export function labelled<F extends UserFunction>(label: string, fn: F): F {
  return Object.defineProperty(fn, 'name', { value: label })
}

/** Rows stay columns where the old ones are and the new ones are declared. */
export function withColumns(input: PlanNode, f: UserFunction, columns: Columns | undefined, site: Site): PlanNode {
  checkFunction('with', f)
  const added = f as (row: unknown) => object
  const fn = labelled(`with ${f.name || '(row)'}`, (row: object) => {
    const more = added(row)
    refusePromise('with', more)
    return { ...row, ...more }
  })
  if (input.schema.bare && !Schema.isOpaque(input.schema))
    throw new MillraceError('TYPE_MISMATCH', `invalid input of with: rows of ${input.schema.fields[0].type.kind}`, {
      hint: 'only rows that are objects have columns: use map',
    })
  if (columns === undefined) return functionNode({ kind: 'map', input, fn, site })
  if (input.schema.bare)
    throw new MillraceError('TYPE_MISMATCH', 'unknown columns: those of the input are not declared', {
      hint: 'declare them first, with .as({ name: text, ... })',
    })
  const { fields } = schemaOf(columns)
  const kept = input.schema.fields.filter(({ name }) => !Object.hasOwn(columns, name))
  return functionNode({ kind: 'map', input, fn, schema: Schema.record([...kept, ...fields]), site })
}
