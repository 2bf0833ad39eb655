/** Naive chains: a list of rows as objects, one step after another over all of them. */
import type { Schema } from '@millrace/algebra'
import { type Expression, evaluate } from '@millrace/plan'
import type { SampleRow } from '../batches.ts'

type Value = Expression | ((row: never) => unknown)

export type NaiveStep =
  | { readonly kind: 'filter'; readonly fn: (row: never) => unknown }
  | { readonly kind: 'map'; readonly fn: (row: never) => unknown }
  | { readonly kind: 'flatMap'; readonly fn: (row: never) => unknown }
  | { readonly kind: 'where'; readonly predicate: Expression }
  | { readonly kind: 'project'; readonly columns: readonly { name: string; value: Value }[]; readonly schema: Schema }
  | { readonly kind: 'time'; readonly time: Value }

interface Item {
  readonly row: unknown
  readonly weight: number
  readonly time: number | undefined
}

function result(value: Value, row: unknown): unknown {
  if (typeof value === 'function') return (value as (row: unknown) => unknown)(row)
  return evaluate(value, name => (row as Record<string, unknown> | null)?.[name])
}

export function chainTwin(
  schema: Schema,
  rows: readonly SampleRow[],
  steps: readonly NaiveStep[],
  output: Schema,
): SampleRow[] {
  const object = (names: Schema, values: readonly unknown[]): unknown =>
    names.bare ? values[0] : Object.fromEntries(names.fields.map((f, i) => [f.name, values[i]]))
  let items: Item[] = rows.map(({ values, weight, time }) => ({ row: object(schema, values), weight, time }))
  for (const step of steps) {
    if (step.kind === 'where') items = items.filter(i => result(step.predicate, i.row) === true)
    else if (step.kind === 'filter') items = items.filter(i => result(step.fn, i.row))
    else if (step.kind === 'map') items = items.map(i => ({ ...i, row: result(step.fn, i.row) }))
    else if (step.kind === 'time') items = items.map(i => ({ ...i, time: result(step.time, i.row) as number }))
    else if (step.kind === 'flatMap')
      items = items.flatMap(i => [...(result(step.fn, i.row) as unknown[])].map(row => ({ ...i, row })))
    else
      items = items.map(i => ({
        ...i,
        row: object(
          step.schema,
          step.columns.map(c => result(c.value, i.row)),
        ),
      }))
  }
  const valuesOf = (row: unknown) =>
    output.bare ? [row] : output.fields.map(f => (row as Record<string, unknown>)[f.name])
  return items.map(({ row, weight, time }) => ({ values: valuesOf(row), weight, time }))
}
