/**
 * The conditions that a Parquet file is asked while it is read: a column compared with a literal. They are applied row by
 * row, as `evaluate` of the plan would, and to the statistics of row groups, so that whole groups need not be read.
 */
import { type Column, type Dictionary, type Field, field, isValid } from '@millrace/algebra'
import { compareValues, type Expression } from '@millrace/plan'

type Operation = 'eq' | 'lt' | 'le' | 'gt' | 'ge'

export interface Comparison {
  readonly column: Field
  readonly operation: Operation
  readonly value: number | bigint | string | boolean
}

const MIRRORED: Record<Operation, Operation> = { eq: 'eq', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' }

/** Undefined if the expression is no comparison of a column with a present literal of its family. */
export function comparisonOf(expression: Expression): Comparison | undefined {
  if (expression.kind !== 'call' || !Object.hasOwn(MIRRORED, expression.operation)) return undefined
  const operation = expression.operation as Operation
  const [left, right] = expression.operands
  if (left?.kind === 'column' && right?.kind === 'literal') return comparison(left, operation, right.value)
  if (left?.kind === 'literal' && right?.kind === 'column') return comparison(right, MIRRORED[operation], left.value)
  return undefined
}

function comparison(
  { name, type, nullable }: Expression & { kind: 'column' },
  operation: Operation,
  value: unknown,
): Comparison | undefined {
  const fits = FAMILIES[type.kind] === typeof value && !Number.isNaN(value)
  return fits ? { column: field(name, type, nullable), operation, value: value as Comparison['value'] } : undefined
}

const FAMILIES: Record<Field['type']['kind'], string> = {
  int32: 'number',
  double: 'number',
  timestamp: 'number',
  bigint: 'bigint',
  text: 'string',
  boolean: 'boolean',
  any: 'nothing',
}

/** Clears the rows of `kept` for which the comparison is not true; an absent value compares as nothing. */
export function keepMatching(filter: Comparison, column: Column, rows: number, kept: Uint8Array): void {
  const { operation, value } = filter
  const { validity } = column
  if (validity !== null) for (let row = 0; row < rows; row++) if (!isValid(validity, row)) kept[row] = 0
  if (column.kind === 'int32' || column.kind === 'double')
    keepNumbers(column.values, operation, value as number, rows, kept)
  else if (column.kind === 'dictionary') keepCodes(column.codes, column.dictionary, filter, rows, kept)
  else
    for (let row = 0; row < rows; row++)
      if (kept[row] === 1 && !holds(operation, compareValues(column.get(row), value))) kept[row] = 0
}

/** NaN is above all numbers. */
function keepNumbers(
  values: Int32Array | Float64Array,
  operation: Operation,
  value: number,
  rows: number,
  kept: Uint8Array,
): void {
  switch (operation) {
    case 'eq':
      for (let row = 0; row < rows; row++) if (values[row] !== value) kept[row] = 0
      return
    case 'lt':
      for (let row = 0; row < rows; row++) if (!(values[row]! < value)) kept[row] = 0
      return
    case 'le':
      for (let row = 0; row < rows; row++) if (!(values[row]! <= value)) kept[row] = 0
      return
    case 'gt':
      for (let row = 0; row < rows; row++) if (values[row]! <= value) kept[row] = 0
      return
    case 'ge':
      for (let row = 0; row < rows; row++) if (values[row]! < value) kept[row] = 0
      return
  }
}

/** Each string of a dictionary is compared once a batch at most. */
function keepCodes(
  codes: Int32Array,
  { values }: Dictionary,
  filter: Comparison,
  rows: number,
  kept: Uint8Array,
): void {
  const known = new Map<number, boolean>()
  for (let row = 0; row < rows; row++) {
    if (kept[row] === 0) continue
    const code = codes[row]!
    let matches = known.get(code)
    if (matches === undefined) {
      matches = holds(filter.operation, compareValues(values[code], filter.value))
      known.set(code, matches)
    }
    if (!matches) kept[row] = 0
  }
}

function holds(operation: Operation, order: number): boolean {
  switch (operation) {
    case 'eq':
      return order === 0
    case 'lt':
      return order < 0
    case 'le':
      return order <= 0
    case 'gt':
      return order > 0
    case 'ge':
      return order >= 0
  }
}

/** Whether a value between two bounds, which may be unknown, can make the comparison true. */
export function canHold(
  { operation, value }: Comparison,
  min: Comparison['value'] | undefined,
  max: Comparison['value'] | undefined,
): boolean {
  const below = min === undefined || compareValues(min, value) < 0
  const above = max === undefined || compareValues(max, value) > 0
  const atMin = min !== undefined && compareValues(min, value) === 0
  const atMax = max !== undefined && compareValues(max, value) === 0
  switch (operation) {
    case 'eq':
      return (below || atMin) && (above || atMax)
    case 'lt':
      return below
    case 'le':
      return below || atMin
    case 'gt':
      return above
    case 'ge':
      return above || atMax
  }
}
