/**
 * Factories of expressions. They decide type and nullability, and refuse what cannot be computed for any row.
 */
import { type DataType, Schema, type TypeKind, typeOf } from '@millrace/algebra'
import { type ErrorDetails, MillraceError } from '../error.ts'
import { unknownName } from '../suggestion.ts'
import { castable } from './cast.ts'
import type { Call, ColumnReference, Expression, Literal } from './expression.ts'
import { familyOf } from './family.ts'
import type { OperationName } from './operation-names.ts'
import { operations } from './operations.ts'
import { shown } from './order.ts'
import { print } from './print.ts'
import { int64 } from './values.ts'

/**
 * The column of that name. Of opaque rows it is the property of that name, and may hold anything. Throws
 * UNKNOWN_COLUMN, with the closest known name as a hint.
 */
export function column(schema: Schema, name: string, details: ErrorDetails = {}): ColumnReference {
  if (Schema.isOpaque(schema)) return Object.freeze({ kind: 'column', name, type: typeOf.any, nullable: true })
  const field = schema.fields.find(f => f.name === name)
  if (field === undefined) {
    const known = schema.fields.map(f => f.name)
    throw unknownName('UNKNOWN_COLUMN', 'column', name, known, details)
  }
  return Object.freeze({ kind: 'column', name, type: field.type, nullable: field.nullable })
}

/**
 * A constant. An integer in the int32 range is an int32, any other number a double, a Date a timestamp; null (and
 * undefined) fits every type. Throws INVALID_ARGUMENT for objects and functions.
 */
export function literal(value: string | number | bigint | boolean | Date | null | undefined): Literal {
  if (value === null || value === undefined) return constant(null, typeOf.any)
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new MillraceError('INVALID_ARGUMENT', 'invalid literal: an invalid Date')
    return constant(value.getTime(), typeOf.timestamp)
  }
  switch (typeof value) {
    case 'string':
      return constant(value, typeOf.text)
    case 'boolean':
      return constant(value, typeOf.boolean)
    case 'bigint':
      return constant(int64(value), typeOf.bigint)
    case 'number':
      return constant(value, Object.is(value | 0, value) ? typeOf.int32 : typeOf.double)
    default:
      throw new MillraceError('INVALID_ARGUMENT', `invalid literal: ${shown(value)}`, {
        hint: 'give text, a number, a bigint, a boolean, a Date or null',
      })
  }
}

function constant(value: Literal['value'], type: DataType): Literal {
  return Object.freeze({ kind: 'literal', value, type, nullable: value === null })
}

/** The operation on the operands. Throws TYPE_MISMATCH where their types do not fit it. */
export function call(name: Exclude<OperationName, 'cast'>, operands: readonly Expression[]): Call {
  const operation = operations[name]
  const [least, greatest] = operation.arity
  if (operands.length < least || operands.length > greatest)
    throw new MillraceError('INVALID_ARGUMENT', `invalid operands of ${operation.symbol}: ${operands.length}`, {
      hint: `it takes ${least === greatest ? least : greatest === Infinity ? `${least} or more` : `${least} to ${greatest}`}`,
    })
  const type = operation.type(operands)
  if (type === undefined) throw mismatch(operation.symbol, operands)
  return makeCall(name, operands, type, operation.nullable(operands))
}

/** The operand as another type; a value that does not fit fails when it comes. Throws TYPE_MISMATCH if none can. */
export function cast(operand: Expression, to: DataType | TypeKind): Call {
  const type = typeof to === 'string' ? typeOf[to] : to
  if (!castable(operand.type, type))
    throw new MillraceError('TYPE_MISMATCH', `invalid cast: ${operand.type.kind} to ${type.kind} (${print(operand)})`)
  return makeCall('cast', [operand], type, operand.nullable)
}

/** The same operation on other operands, with type and nullability found anew. */
export function withOperands(expression: Call, operands: readonly Expression[]): Call {
  const { operation } = expression
  return operation === 'cast' ? cast(operands[0]!, expression.type) : call(operation, operands)
}

function makeCall(operation: OperationName, operands: readonly Expression[], type: DataType, nullable: boolean): Call {
  return Object.freeze({ kind: 'call', operation, operands: Object.freeze([...operands]), type, nullable })
}

function mismatch(symbol: string, operands: readonly Expression[]): MillraceError {
  const kinds = operands.map(o => o.type.kind)
  const families = new Set(operands.map(o => familyOf(o.type)))
  const hint =
    families.has('bigint') && families.has('number')
      ? 'bigints and numbers do not mix: cast one of them, to double or to bigint'
      : 'cast an operand to the type that is meant'
  const shownOperands = operands.map(o => print(o)).join(', ')
  const message = `invalid ${operands.length === 1 ? 'operand' : 'operands'} of ${symbol}: ${kinds.join(' and ')}`
  return new MillraceError('TYPE_MISMATCH', `${message} (${shownOperands})`, { hint })
}
