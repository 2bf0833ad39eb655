/**
 * Total expressions: those that give a value, or null, for every row, and never an error.
 *
 * Only they may be evaluated for rows that the program would not have evaluated them for; an expression that can fail
 * may rely on a condition before it that keeps the failing rows away.
 */
import type { Call, Expression } from './expression.ts'

export function isTotal(expression: Expression): boolean {
  if (expression.kind !== 'call') return true
  return expression.operands.every(isTotal) && !mayFail(expression)
}

const isNull = (e: Expression) => e.kind === 'literal' && e.value === null
const isOpaque = (e: Expression) => e.type.kind === 'any' && !isNull(e)

/** Whether the operation itself may fail, given operands that are there. */
function mayFail({ operation, operands, type }: Call): boolean {
  switch (operation) {
    case 'isNull':
    case 'coalesce':
      return false
    case 'if':
      return isOpaque(operands[0]!)
    case 'cast': {
      const from = operands[0]!.type.kind
      const widens = type.kind === 'double' && ['int32', 'timestamp', 'bigint', 'boolean'].includes(from)
      const prints = type.kind === 'text' && ['int32', 'double', 'bigint', 'boolean'].includes(from)
      return !(widens || prints || type.kind === from || type.kind === 'any' || isNull(operands[0]!))
    }
    case 'like':
      return operands.length > 2 || operands.some(isOpaque)
    default:
      // Bigint results are checked against 64 bits, opaque operands against the operation.
      return type.kind === 'bigint' || operands.some(isOpaque)
  }
}
