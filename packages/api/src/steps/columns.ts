/** Steps over columns: where, select, pick, omit, rename, aggregates, sort keys. Opaque rows go by property. */
import { Schema } from '@millrace/algebra'
import {
  type AggregateCall,
  type AggregateNode,
  aggregateNode,
  type CallSite,
  column,
  distinctNode,
  type Expression,
  functionNode,
  type KeySpec,
  MillraceError,
  type PlanNode,
  projectNode,
  type SortNode,
  sortNode,
  whereNode,
} from '@millrace/plan'
import type { Aggregate, Aggregates } from '../aggregate.ts'
import { columnsFor } from '../columns.ts'
import type { ColumnsOf, Descending, Expr } from '../expr.ts'
import { DescendingBuilder, ExpressionBuilder, expressionOf } from '../expr-builder.ts'
import type { Orderable } from '../words.ts'
import { labelled } from './function.ts'
import { checkFunction } from './options.ts'

type Site = CallSite | undefined

/** What `sortBy` sorts by. */
export type SortKey = Expr<Orderable> | Descending<Orderable>
type OfColumns<T, R> = (columns: ColumnsOf<T>) => R

export function where<T>(input: PlanNode, f: OfColumns<T, unknown>, site: Site): PlanNode {
  checkFunction('where', f)
  const condition = f(columnsFor(input.schema))
  if (!(condition instanceof ExpressionBuilder))
    throw new MillraceError('INVALID_ARGUMENT', `invalid condition: ${String(condition)}`, {
      hint: 'where takes an expression, as in c => c.delay.gt(10); filter takes a function of the row',
    })
  return whereNode({ input, predicate: condition.expression, site })
}

export function select<T>(input: PlanNode, f: OfColumns<T, object>, site: Site): PlanNode {
  checkFunction('select', f)
  const selected = f(columnsFor(input.schema))
  if (typeof selected !== 'object' || selected === null || selected instanceof ExpressionBuilder)
    throw new MillraceError('INVALID_ARGUMENT', 'invalid columns of select: not an object', {
      hint: 'name each column, as in c => ({ hours: c.delay.divide(60) })',
    })
  const columns = Object.entries(selected).map(([name, value]) => ({ name, expression: expressionOf(value) }))
  return projectNode({ input, columns, site })
}

export function pick(input: PlanNode, names: readonly string[], site: Site): PlanNode {
  return projectNode({ input, columns: names.map(name => ({ name, expression: column(input.schema, name) })), site })
}

export function omit(input: PlanNode, names: readonly string[], site: Site): PlanNode {
  const left = new Set(names)
  if (Schema.isOpaque(input.schema)) {
    const fn = (row: object) => Object.fromEntries(Object.entries(row).filter(([name]) => !left.has(name)))
    return functionNode({ kind: 'map', input, fn: labelled(`omit ${names.join(', ')}`, fn), site })
  }
  for (const name of names) column(input.schema, name)
  return pick(
    input,
    input.schema.fields.map(f => f.name).filter(name => !left.has(name)),
    site,
  )
}

export function rename(input: PlanNode, names: object, site: Site): PlanNode {
  const renamed = new Map(Object.entries(names).map(([from, to]) => [from, String(to)]))
  if (Schema.isOpaque(input.schema)) {
    const fn = (row: object) =>
      Object.fromEntries(Object.entries(row).map(([name, value]) => [renamed.get(name) ?? name, value]))
    return functionNode({ kind: 'map', input, fn: labelled('rename', fn), site })
  }
  for (const name of renamed.keys()) column(input.schema, name)
  const columns = input.schema.fields.map(({ name }) => ({
    name: renamed.get(name) ?? name,
    expression: column(input.schema, name),
  }))
  return projectNode({ input, columns, site })
}

export function aggregate<T>(
  { input, key, window }: Pick<AggregateNode, 'input' | 'key' | 'window'>,
  spec: Aggregates<T> | OfColumns<T, Aggregates<T>>,
  site: Site,
): PlanNode {
  const named = typeof spec === 'function' ? spec(columnsFor(input.schema)) : spec
  if (typeof named !== 'object' || named === null)
    throw new MillraceError('INVALID_ARGUMENT', `invalid aggregates: ${String(named)}`, { hint: EXAMPLE })
  const aggregates = Object.entries(named).map(([name, given]) => aggregateCall(input, name, given))
  return aggregateNode({ input, key, window, aggregates, site })
}

const EXAMPLE = 'give aggregates by name, as in { flights: count(), mean: avg("delay") }'

function aggregateCall(input: PlanNode, name: string, given: Aggregate<never, unknown>): AggregateCall {
  if (typeof given?.aggregate !== 'string')
    throw new MillraceError('INVALID_ARGUMENT', `invalid aggregate ${JSON.stringify(name)}: ${String(given)}`, {
      hint: EXAMPLE,
    })
  const { aggregate, argument } = given
  return { name, aggregate, argument: typeof argument === 'string' ? column(input.schema, argument) : argument }
}

export function sortBy<T>(input: PlanNode, by: readonly [OfColumns<T, unknown>] | readonly string[], site: Site) {
  const [first] = by
  const keys = typeof first === 'function' ? [first(columnsFor<T>(input.schema))].flat() : by
  return sortNode({ input, by: keys.map(key => sortKey(input, key)), site })
}

function sortKey(input: PlanNode, key: unknown): SortNode['by'][number] {
  if (key instanceof DescendingBuilder) return { expression: key.expression, descending: true }
  const expression: Expression | undefined =
    key instanceof ExpressionBuilder ? key.expression : typeof key === 'string' ? column(input.schema, key) : undefined
  if (expression === undefined)
    throw new MillraceError('INVALID_ARGUMENT', `invalid sort key: ${String(key)}`, {
      hint: 'give column names, or c => [c.delay.descending(), c.date]',
    })
  return { expression, descending: false }
}

export function distinct(input: PlanNode, columns: readonly string[], site: Site): PlanNode {
  return distinctNode({ input, key: columns.length === 0 ? null : keyOf(input, columns), site })
}

/** Columns by name, or a function. */
export function keyOf(input: PlanNode, by: readonly unknown[]): KeySpec {
  const [first] = by
  if (typeof first === 'function') {
    if (by.length > 1)
      throw new MillraceError('INVALID_ARGUMENT', `invalid key: a function and ${by.length - 1} more`, {
        hint: 'a key is one function, or column names; a function may return text made of several values',
      })
    return { kind: 'function', fn: first as (row: never) => unknown }
  }
  if (by.length === 0)
    throw new MillraceError('INVALID_ARGUMENT', 'missing key', { hint: 'give column names, or a function of the row' })
  const columns = by.map(name => {
    if (typeof name !== 'string') throw new MillraceError('INVALID_ARGUMENT', `invalid key column: ${String(name)}`)
    return column(input.schema, name).name
  })
  const twice = columns.find((name, i) => columns.indexOf(name) < i)
  if (twice !== undefined) throw new MillraceError('COLUMN_CLASH', `invalid key: column ${twice} is given twice`)
  return { kind: 'columns', columns }
}
