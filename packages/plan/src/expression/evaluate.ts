/**
 * The reference evaluator: what an expression means, one row at a time. Generated code must agree with it.
 *
 * It walks the tree for every row, about ten times the cost of generated code; where no code may be generated it is
 * what runs.
 */
import type { Expression } from './expression.ts'
import { operations } from './operations.ts'

/**
 * The value for the row whose columns `row` gives; null where absent. Dates count as their milliseconds, undefined as
 * null. Throws INVALID_VALUE for a value that does not fit.
 */
export function evaluate(expression: Expression, row: (name: string) => unknown): unknown {
  switch (expression.kind) {
    case 'column':
      return present(row(expression.name))
    case 'literal':
      return expression.value
    case 'call':
      return operations[expression.operation].evaluate(expression, operand => evaluate(operand, row))
  }
}

function present(value: unknown): unknown {
  if (value === undefined) return null
  return value instanceof Date ? value.getTime() : value
}
