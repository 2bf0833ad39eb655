/** Expressions as SQL text, with no more parentheses than the reading needs. */
import type { DataType } from '@millrace/algebra'
import type { Call, Expression, Literal } from './expression.ts'
import { operations } from './operations.ts'

/** Binds as tightly as a name does. */
const PRIMARY = 9
const NEGATION = operations.negate.binding!

const typeNames: Readonly<Record<DataType['kind'], string>> = {
  int32: 'INT',
  double: 'DOUBLE',
  bigint: 'BIGINT',
  boolean: 'BOOLEAN',
  text: 'STRING',
  timestamp: 'TIMESTAMP',
  any: 'ANY',
}

export function print(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return printName(expression.name)
    case 'literal':
      return printLiteral(expression)
    case 'call':
      return printCall(expression)
  }
}

/** A name as SQL writes it: in double quotes where it is not a plain one. */
export function printName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

function printLiteral({ value, type }: Literal): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return `'${value.replaceAll("'", "''")}'`
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE'
  if (typeof value === 'bigint') return String(value)
  if (type.kind === 'timestamp') return printTimestamp(value)
  // SQL knows no -0, NaN or infinity but as text.
  if (Object.is(value, -0)) return "CAST('-0' AS DOUBLE)"
  return Number.isFinite(value) ? String(value) : `CAST('${value}' AS DOUBLE)`
}

function printTimestamp(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `CAST(${ms} AS TIMESTAMP)` : `TIMESTAMP '${date.toISOString()}'`
}

function printCall({ operation, operands, type }: Call): string {
  const { symbol, binding = PRIMARY } = operations[operation]
  const first = operands[0]!
  switch (operation) {
    case 'cast':
      return `CAST(${print(first)} AS ${typeNames[type.kind]})`
    case 'if':
      return `CASE WHEN ${print(first)} THEN ${print(operands[1]!)} ELSE ${print(operands[2]!)} END`
    case 'isNull':
      return `${above(first, binding)} IS NULL`
    case 'in':
      return `${above(first, binding)} IN (${operands.slice(1).map(print).join(', ')})`
    case 'like': {
      const mark = operands[2] === undefined ? '' : ` ESCAPE ${above(operands[2], binding)}`
      return `${above(first, binding)} LIKE ${above(operands[1]!, binding)}${mark}`
    }
    case 'not':
      if (first.kind === 'call' && first.operation === 'isNull')
        return `${above(first.operands[0]!, bindingOf(first))} IS NOT NULL`
      return `NOT ${above(first, binding - 1)}`
    case 'negate':
      return `-${above(first, binding)}`
  }
  if (binding === PRIMARY) return `${symbol}(${operands.map(print).join(', ')})`
  // Infix operators group to the left, but comparisons do not chain at all.
  const chains = operation !== 'eq' && !(binding === operations.eq.binding)
  return operands.map((o, i) => above(o, i === 0 && chains ? binding - 1 : binding)).join(` ${symbol} `)
}

/** The operand, in parentheses unless it binds more tightly than `binding`. */
function above(operand: Expression, binding: number): string {
  return bindingOf(operand) > binding ? print(operand) : `(${print(operand)})`
}

function bindingOf(expression: Expression): number {
  if (expression.kind === 'column') return PRIMARY
  if (expression.kind === 'literal') return print(expression).startsWith('-') ? NEGATION : PRIMARY
  return operations[expression.operation].binding ?? PRIMARY
}
