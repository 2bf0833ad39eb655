/** Taking expressions apart and putting them together again. */
import type { Schema } from '@millrace/algebra'
import { call, column, withOperands } from './build.ts'
import type { Expression } from './expression.ts'

/** The names of the columns that the value depends on. */
export function columnsOf(expression: Expression): Set<string> {
  const names = new Set<string>()
  const visit = (e: Expression) => {
    if (e.kind === 'column') names.add(e.name)
    if (e.kind === 'call') e.operands.forEach(visit)
  }
  visit(expression)
  return names
}

/** The conditions that must all be true for the expression to be true, in the order in which they are looked at. */
export function conjuncts(expression: Expression): Expression[] {
  if (expression.kind !== 'call' || expression.operation !== 'and') return [expression]
  return expression.operands.flatMap(conjuncts)
}

/** The expression that is true where all of the conditions, at least one, are. */
export function conjunction(conditions: readonly Expression[]): Expression {
  return conditions.reduce((all, condition) => call('and', [all, condition]))
}

/** The expression with columns replaced by name. Types are found anew; what does not change is shared. */
export function substitute(expression: Expression, columns: ReadonlyMap<string, Expression>): Expression {
  if (expression.kind === 'column') return columns.get(expression.name) ?? expression
  if (expression.kind === 'literal') return expression
  const operands = expression.operands.map(o => substitute(o, columns))
  return operands.every((o, i) => o === expression.operands[i]) ? expression : withOperands(expression, operands)
}

/** The expression over the columns of that name in another schema. Throws UNKNOWN_COLUMN if it lacks one. */
export function rebase(expression: Expression, schema: Schema): Expression {
  return substitute(expression, new Map([...columnsOf(expression)].map(name => [name, column(schema, name)])))
}
