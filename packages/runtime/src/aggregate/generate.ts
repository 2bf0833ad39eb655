/** The aggregate's loops as generated code; see `interpret.ts` for what they must do. */
import type { Batch } from '@millrace/algebra'
import { decodeUtf8 } from '@millrace/algebra'
import { expressionLibrary } from '../chain/emit-expression.ts'
import { valueAt } from '../chain/emit-row.ts'
import { numberOf } from './number-of.ts'
import type { AddRows, Aggregate, MergeTable } from './table.ts'

let generated = 0

export function generateAdd(aggregates: readonly Aggregate[], shape: Batch, someRows: boolean): AddRows {
  const prologue: string[] = []
  const weight = shape.weights === null ? '1' : 'weights[p]'
  const body = fieldNames(aggregates).map(({ aggregate, names }, n) => {
    const { accumulator, column } = aggregate
    const fields = names.map(name => `${name}[id]`)
    if (column < 0) return accumulator.add(fields, '', weight)
    const code = valueAt(shape.columns[column]!, column, `x${n}`, prologue)
    const value = accumulator.takes === 'number' && code.kind === 'any' ? `numberOf(v${n})` : `v${n}`
    if (accumulator.takes === 'row') return `{ const v${n} = ${code.text}; ${accumulator.add(fields, value, weight)} }`
    const guard = code.nullable ? `if (v${n} !== null && v${n} !== undefined) ` : ''
    return `{ const v${n} = ${code.text}; ${guard}{ ${accumulator.add(fields, value, weight)} } }`
  })
  return compileRows(aggregates, shape, someRows, prologue, body)
}

/** Rows whose columns are the fields of accumulators, merged into those of their keys. */
export function generateMergeRows(aggregates: readonly Aggregate[], shape: Batch, someRows: boolean): AddRows {
  const prologue: string[] = []
  const body = fieldNames(aggregates).map(({ aggregate, names }) => {
    const { accumulator, column } = aggregate
    const others = names.map((_, f) => valueAt(shape.columns[column + f]!, column + f, `x${column + f}`, prologue))
    const values = others.map(({ text }, f) => `const v${column + f} = ${text};`)
    const merged = accumulator.merge(
      names.map(name => `${name}[id]`),
      names.map((_, f) => `v${column + f}`),
    )
    return `{ ${values.join(' ')} ${merged} }`
  })
  return compileRows(aggregates, shape, someRows, prologue, body)
}

function compileRows(
  aggregates: readonly Aggregate[],
  shape: Batch,
  someRows: boolean,
  prologue: readonly string[],
  body: readonly string[],
): AddRows {
  return compile(
    aggregates,
    `return function add(batch, ids, rows, length, into) {
  const columns = batch.columns, weights = batch.weights, selection = batch.selection;
  const arrays = into.arrays, present = into.present, touched = into.touched;
  ${declareFields(aggregates, 'arrays', 'a')}
  ${prologue.join('\n  ')}
  let size = into.size;
  for (let i = 0; i < length; i++) {
    const r = ${someRows ? 'rows[i]' : 'i'};
    const p = ${shape.selection === null ? 'r' : 'selection[r]'};
    const id = ids[r];
    ${touch(aggregates)}
    ${body.join('\n    ')}
  }
  into.size = size;
}`,
  ) as AddRows
}

export function generateMerge(aggregates: readonly Aggregate[]): MergeTable {
  const others = fieldNames(aggregates, 'b')
  const body = fieldNames(aggregates).map(({ aggregate, names }, n) =>
    aggregate.accumulator.merge(
      names.map(name => `${name}[id]`),
      others[n]!.names.map(name => `${name}[id]`),
    ),
  )
  return compile(
    aggregates,
    `return function merge(from, into) {
  const ids = from.touched, length = from.size, others = from.arrays;
  const arrays = into.arrays, present = into.present, touched = into.touched;
  ${declareFields(aggregates, 'arrays', 'a')}
  ${declareFields(aggregates, 'others', 'b')}
  let size = into.size;
  for (let i = 0; i < length; i++) {
    const id = ids[i];
    ${touch(aggregates)}
    ${body.map(text => `{ ${text} }`).join('\n    ')}
  }
  into.size = size;
}`,
  ) as MergeTable
}

/** State arrays are numbered over all aggregates. */
function fieldNames(aggregates: readonly Aggregate[], prefix = 'a'): { aggregate: Aggregate; names: string[] }[] {
  let next = 0
  return aggregates.map(aggregate => ({
    aggregate,
    names: aggregate.accumulator.fields.map(() => `${prefix}${next++}`),
  }))
}

function declareFields(aggregates: readonly Aggregate[], from: string, prefix: string): string {
  const names = fieldNames(aggregates, prefix).flatMap(f => f.names)
  return names.map((name, i) => `const ${name} = ${from}[${i}];`).join(' ')
}

function touch(aggregates: readonly Aggregate[]): string {
  const first = fieldNames(aggregates).flatMap(({ aggregate, names }) =>
    names.map((name, f) => `${name}[id] = ${initialText(aggregate.accumulator.initial[f])};`),
  )
  return `if (present[id] === 0) { present[id] = 1; touched[size++] = id; ${first.join(' ')} }`
}

function initialText(value: unknown): string {
  return value === undefined ? 'undefined' : String(value)
}

/** Each aggregate's constants under their names, told apart by number. */
function compile(aggregates: readonly Aggregate[], text: string): unknown {
  const bound = Object.assign({}, ...aggregates.map(a => a.accumulator.constants)) as Record<string, unknown>
  const scope = { ...expressionLibrary, utf8: decodeUtf8, numberOf, ...bound }
  const names = Object.keys(scope)
  return new Function(...names, `"use strict"; // aggregate ${++generated}\n${text}`)(...Object.values(scope))
}
