/**
 * The table of operations: one row each, with arity, SQL symbol, rule for the type, rule for null, and what it does.
 *
 * An operation on null is null. The exceptions are the lazy ones, which decide by some operands whether to look at
 * the others, so that a condition may guard what follows it: `and` stops at false, `or` at true, `if` and `coalesce`
 * at the branch they take, `in` at the value it finds. `and`, `or` and `in` are three-valued (ISO 9075-2, section 8).
 */
import { typeOf } from '@millrace/algebra'
import { castValue } from './cast.ts'
import type { Call, Expression } from './expression.ts'
import { like } from './like.ts'
import type { OperationName } from './operation-names.ts'
import { compareValues } from './order.ts'
import * as rules from './type-rules.ts'
import * as values from './values.ts'

/** The value of an operand in the row at hand; null where absent. */
export type ValueOf = (operand: Expression) => unknown

export interface Operation {
  /** As SQL writes it. */
  readonly symbol: string
  /** Of an infix or prefix operator, how tightly it binds; undefined: written as a function. */
  readonly binding: number | undefined
  /** The least and the greatest number of operands. */
  readonly arity: readonly [number, number]
  /** The type of the result; undefined if the operands do not fit. */
  readonly type: rules.TypeRule
  /** Whether the result may be null. */
  readonly nullable: (operands: readonly Expression[]) => boolean
  readonly evaluate: (call: Call, get: ValueOf) => unknown
}

const isNullable = (operand: Expression) => operand.nullable
const many = Number.POSITIVE_INFINITY

/** An operation of present values, null if any operand is. `apply` gets the operands' values, then the call. */
function strict(apply: (a: unknown, b: unknown, c: unknown, call: Call) => unknown): Operation['evaluate'] {
  return (call, get) => {
    const present: unknown[] = []
    for (const operand of call.operands) {
      const value = get(operand)
      if (value === null) return null
      present.push(value)
    }
    return apply(present[0], present[1], present[2], call)
  }
}

function compares(symbol: string, holds: (order: number) => boolean): Operation {
  const evaluate = strict((a, b) => holds(compareValues(a, b)))
  return { symbol, binding: 4, arity: [2, 2], type: rules.comparison, nullable: some, evaluate }
}

function computes(
  symbol: string,
  binding: number,
  type: rules.TypeRule,
  numbers: (a: number, b: number) => number,
  bigints: (a: bigint, b: bigint) => bigint,
): Operation {
  const evaluate = strict(values.onNumerics(symbol, numbers, bigints))
  return { symbol, binding, arity: [2, 2], type, nullable: some, evaluate }
}

function ofNumeric(
  symbol: string,
  type: rules.TypeRule,
  number: (a: number) => number,
  bigint: (a: bigint) => bigint,
): Operation {
  const evaluate = strict(values.onNumeric(symbol, number, bigint))
  return { symbol, binding: symbol === '-' ? 8 : undefined, arity: [1, 1], type, nullable: some, evaluate }
}

function ofText(symbol: string, result: 'text' | 'int32', apply: (text: string) => unknown): Operation {
  const type = rules.taking(['text'], typeOf[result])
  const evaluate = strict(a => apply(values.text(symbol, a)))
  return { symbol, binding: undefined, arity: [1, 1], type, nullable: some, evaluate }
}

/** `and` and `or`: `decisive` settles the result whatever the other operand is, null included. */
function connective(symbol: string, binding: number, decisive: boolean): Operation {
  return {
    symbol,
    binding,
    arity: [2, 2],
    type: rules.taking(['boolean'], typeOf.boolean),
    nullable: some,
    evaluate: (call, get) => {
      let unknown = false
      for (const operand of call.operands) {
        const value = get(operand)
        if (value === null) unknown = true
        else if (values.boolean(symbol, value) === decisive) return decisive
      }
      return unknown ? null : !decisive
    },
  }
}

function some(operands: readonly Expression[]): boolean {
  return operands.some(isNullable)
}

const same = <T>(value: T) => value

export const operations: Readonly<Record<OperationName, Operation>> = {
  eq: compares('=', order => order === 0),
  ne: compares('<>', order => order !== 0),
  lt: compares('<', order => order < 0),
  le: compares('<=', order => order <= 0),
  gt: compares('>', order => order > 0),
  ge: compares('>=', order => order >= 0),
  and: connective('AND', 2, false),
  or: connective('OR', 1, true),
  not: {
    symbol: 'NOT',
    binding: 3,
    arity: [1, 1],
    type: rules.taking(['boolean'], typeOf.boolean),
    nullable: some,
    evaluate: strict(a => !values.boolean('NOT', a)),
  },
  isNull: {
    symbol: 'IS NULL',
    binding: 4,
    arity: [1, 1],
    type: () => typeOf.boolean,
    nullable: () => false,
    evaluate: (call, get) => get(call.operands[0]!) === null,
  },
  in: {
    symbol: 'IN',
    binding: 4,
    arity: [2, many],
    type: rules.comparison,
    nullable: some,
    evaluate: ({ operands: [operand, ...members] }, get) => {
      const value = get(operand!)
      if (value === null) return null
      let unknown = false
      for (const member of members) {
        const other = get(member)
        if (other === null) unknown = true
        else if (compareValues(value, other) === 0) return true
      }
      return unknown ? null : false
    },
  },
  plus: computes(
    '+',
    6,
    rules.addition,
    (a, b) => a + b,
    (a, b) => a + b,
  ),
  minus: computes(
    '-',
    6,
    rules.subtraction,
    (a, b) => a - b,
    (a, b) => a - b,
  ),
  times: computes(
    '*',
    7,
    rules.arithmetic,
    (a, b) => a * b,
    (a, b) => a * b,
  ),
  divide: computes('/', 7, rules.arithmetic, (a, b) => a / b, values.divideBigints),
  modulo: computes('%', 7, rules.arithmetic, (a, b) => a % b, values.moduloBigints),
  negate: ofNumeric(
    '-',
    rules.arithmetic,
    a => -a,
    a => -a,
  ),
  abs: ofNumeric('ABS', rules.arithmetic, Math.abs, a => (a < 0n ? -a : a)),
  floor: ofNumeric('FLOOR', rules.rounding, Math.floor, same),
  ceil: ofNumeric('CEIL', rules.rounding, Math.ceil, same),
  round: {
    symbol: 'ROUND',
    binding: undefined,
    arity: [1, 2],
    type: rules.rounding,
    nullable: some,
    evaluate: strict((a, digits = 0) => {
      if (typeof a === 'bigint' && digits === 0) return a
      return values.onNumerics('ROUND', values.round, same)(a, digits)
    }),
  },
  upper: ofText('UPPER', 'text', text => text.toUpperCase()),
  lower: ofText('LOWER', 'text', text => text.toLowerCase()),
  length: ofText('CHAR_LENGTH', 'int32', values.textLength),
  concat: {
    symbol: '||',
    binding: 5,
    arity: [2, many],
    type: rules.taking(['text'], typeOf.text),
    nullable: some,
    evaluate: (call, get) => {
      const parts = call.operands.map(get)
      return parts.includes(null) ? null : parts.map(part => values.text('||', part)).join('')
    },
  },
  like: {
    symbol: 'LIKE',
    binding: 4,
    arity: [2, 3],
    type: rules.taking(['text'], typeOf.boolean),
    nullable: some,
    evaluate: strict((a, pattern, mark) =>
      like(
        values.text('LIKE', a),
        values.text('LIKE', pattern),
        mark === undefined ? undefined : values.text('LIKE', mark),
      ),
    ),
  },
  coalesce: {
    symbol: 'COALESCE',
    binding: undefined,
    arity: [1, many],
    type: rules.alternatives,
    nullable: operands => operands.every(isNullable),
    evaluate: (call, get) => {
      for (const operand of call.operands) {
        const value = get(operand)
        if (value !== null) return value
      }
      return null
    },
  },
  if: {
    symbol: 'IF',
    binding: undefined,
    arity: [3, 3],
    type: rules.conditional,
    nullable: ([, then, otherwise]) => then!.nullable || otherwise!.nullable,
    evaluate: ({ operands: [condition, then, otherwise] }, get) => {
      const holds = get(condition!)
      return get(holds !== null && values.boolean('IF', holds) ? then! : otherwise!)
    },
  },
  cast: {
    symbol: 'CAST',
    binding: undefined,
    arity: [1, 1],
    type: () => undefined,
    nullable: some,
    evaluate: strict((a, _b, _c, call) => castValue(a, call.operands[0]!.type, call.type)),
  },
}
