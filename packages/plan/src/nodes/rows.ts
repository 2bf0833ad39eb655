/** Nodes that look at one row at a time: functions, conditions, projections, event time. */
import { field, Schema } from '@millrace/algebra'
import { MillraceError } from '../error.ts'
import type { Expression } from '../expression/expression.ts'
import { familyOf } from '../expression/family.ts'
import { print } from '../expression/print.ts'
import type {
  EventTimeNode,
  FunctionNode,
  PlanNode,
  ProjectNode,
  UserFunction,
  WatermarkStrategy,
  WhereNode,
} from '../node.ts'
import { nodesOf } from '../traverse.ts'
import { checkColumns, type Place, recordOf } from './place.ts'

interface OfInput extends Place {
  readonly input: PlanNode
}

/**
 * A user's function of one row. `schema` is what `map` and `flatMap` return, opaque unless the user declared it;
 * `filter` keeps its input's.
 */
export function functionNode(
  spec: OfInput & { readonly kind: FunctionNode['kind']; readonly fn: UserFunction; readonly schema?: Schema },
): FunctionNode {
  const { kind, input, fn, site, name } = spec
  const schema = kind === 'filter' ? input.schema : (spec.schema ?? Schema.opaque)
  return Object.freeze({ kind, schema, collection: input.collection, site, name, input, fn })
}

/** Rows for which the predicate is true. Throws UNKNOWN_COLUMN, or TYPE_MISMATCH unless it is boolean (or any). */
export function whereNode(spec: OfInput & { readonly predicate: Expression }): WhereNode {
  const { input, predicate, site, name } = spec
  checkColumns(input.schema, predicate, spec)
  const { kind } = predicate.type
  if (kind !== 'boolean' && kind !== 'any')
    throw new MillraceError('TYPE_MISMATCH', `invalid condition: ${kind} (${print(predicate)})`, {
      site,
      hint: 'a condition is boolean: compare, or use isNull()',
    })
  return Object.freeze({ ...passing(spec), kind: 'where', name, predicate })
}

/** Rows of the given columns. Throws UNKNOWN_COLUMN, or COLUMN_CLASH where two have one name. */
export function projectNode(spec: OfInput & { readonly columns: ProjectNode['columns'] }): ProjectNode {
  const { input, site, name } = spec
  if (spec.columns.length === 0) throw new MillraceError('INVALID_ARGUMENT', 'missing columns', { site })
  for (const { expression } of spec.columns) checkColumns(input.schema, expression, spec)
  const fields = spec.columns.map(c => field(c.name, c.expression.type, c.expression.nullable))
  const schema = recordOf(fields, spec, 'give one of them another name')
  const columns = Object.freeze(spec.columns.map(c => Object.freeze({ ...c })))
  return Object.freeze({ kind: 'project', schema, collection: input.collection, site, name, input, columns })
}

/**
 * Rows with an event time and watermarks. Throws INVALID_OPTION for a strategy that cannot be, TYPE_MISMATCH for a
 * time that is no number, UNSUPPORTED behind a mapAsync: its results no longer come split by split.
 */
export function eventTimeNode(
  spec: OfInput & { readonly time: UserFunction | Expression; readonly strategy: WatermarkStrategy },
): EventTimeNode {
  const { input, time, strategy, site, name } = spec
  if (nodesOf([input]).some(({ kind }) => kind === 'mapAsync'))
    throw new MillraceError('UNSUPPORTED', 'invalid input of eventTime: what comes from a mapAsync', {
      site,
      hint: 'say when rows happened before mapAsync: each result has the time of its row',
    })
  if (typeof time !== 'function') {
    checkColumns(input.schema, time, spec)
    const family = familyOf(time.type)
    if (family !== 'number' && family !== 'any')
      throw new MillraceError('TYPE_MISMATCH', `invalid event time: ${time.type.kind} (${print(time)})`, {
        site,
        hint: 'give a timestamp or milliseconds since 1970',
      })
  }
  const { disorderMs, idleMs, alignMs, everyRows } = strategy
  const invalid = (what: string, value: number) =>
    new MillraceError('INVALID_OPTION', `invalid ${what}: ${value}`, { site })
  if (!(disorderMs >= 0 && disorderMs < Infinity)) throw invalid('disorder', disorderMs)
  if (idleMs !== undefined && !(idleMs > 0)) throw invalid('idle', idleMs)
  if (alignMs !== undefined && !(alignMs > 0)) throw invalid('align', alignMs)
  if (!(Number.isInteger(everyRows) && everyRows > 0)) throw invalid('rows between watermarks', everyRows)
  return Object.freeze({ ...passing(spec), kind: 'eventTime', name, time, strategy: Object.freeze({ ...strategy }) })
}

/** What a node that passes on some of its input's rows has of it. */
function passing({ input, site }: OfInput) {
  return { schema: input.schema, collection: input.collection, site, input }
}
