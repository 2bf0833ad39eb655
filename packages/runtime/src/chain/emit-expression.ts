/**
 * Expressions as JavaScript text: typed arithmetic, comparisons and logic inline; everything else as a call of the
 * plan's own evaluator on operands already computed. Null is JavaScript's null, and is looked for only where an
 * operand may be it.
 *
 * NaN is one value above all numbers, so comparisons of doubles say more than JavaScript's do.
 */
import type { TypeKind } from '@millrace/algebra'
import { type Call, type Expression, isTotal, type OperationName, operations } from '@millrace/plan'

/** A piece of generated text that can be repeated without cost or effect, and what it gives. */
export interface Code {
  readonly text: string
  readonly nullable: boolean
  readonly kind: TypeKind
}

/** What an emitter needs from the function it writes into. */
export interface Scope {
  column(name: string): Code
  /** Binds a value from outside and returns its name in the text. */
  constant(value: unknown): string
  /** Declares a local and returns its name. */
  local(): string
}

type Emit = (operands: readonly Operand[], scope: Scope) => string

interface Operand extends Code {
  /** Can it be NaN? */
  readonly nan: boolean
}

const numeric = new Set<TypeKind>(['int32', 'double', 'timestamp'])

/** The text of an expression. */
export function emit(expression: Expression, scope: Scope): Code {
  if (expression.kind === 'column') return scope.column(expression.name)
  const { type, nullable } = expression
  if (expression.kind === 'literal') return { text: literal(expression.value, scope), nullable, kind: type.kind }
  return { text: `(${emitCall(expression, scope)})`, nullable, kind: type.kind }
}

function literal(value: unknown, scope: Scope): string {
  if (value === null) return 'null'
  if (typeof value === 'number' && !Object.is(value, -0))
    return Number.isFinite(value) && value >= 0 ? String(value) : `(${value})`
  if (typeof value === 'boolean') return String(value)
  return scope.constant(value)
}

function emitCall(call: Call, scope: Scope): string {
  const { operation, operands } = call
  if (operation === 'and' || operation === 'or') {
    const logic = emitLogic(call, scope)
    if (logic !== undefined) return logic
  }
  if (operation === 'isNull') return isNull(emit(operands[0]!, scope), isTotal(operands[0]!))
  if (operation === 'if' && operands[0]!.type.kind === 'boolean')
    return `${emit(operands[0]!, scope).text} === true ? ${emit(operands[1]!, scope).text} : ${emit(operands[2]!, scope).text}`
  const inline = inlined(call)
  if (inline !== undefined) return emitStrict(operands, inline, scope)
  return emitEvaluated(call, scope)
}

/** What cannot be null is still computed where that may fail. */
function isNull(code: Code, total: boolean): string {
  if (!code.nullable) return total ? 'false' : `(${code.text}, false)`
  return code.kind === 'any' ? `${code.text} == null` : `${code.text} === null`
}

/** Over operands that cannot be null, `and` and `or` are JavaScript's; otherwise three-valued by the evaluator. */
function emitLogic(call: Call, scope: Scope): string | undefined {
  if (call.operands.some(o => o.nullable || o.type.kind !== 'boolean')) return undefined
  return call.operands.map(o => emit(o, scope).text).join(call.operation === 'and' ? ' && ' : ' || ')
}

/** Operands into locals where they may be null, then the operation. */
function emitStrict(expressions: readonly Expression[], operation: Emit, scope: Scope): string {
  const guards: string[] = []
  const operands = expressions.map(expression => {
    const code = emit(expression, scope)
    const nan = code.kind !== 'int32' && !(expression.kind === 'literal' && !Number.isNaN(expression.value))
    if (/^[\w.]+$/.test(code.text) && !code.nullable) return { ...code, nan }
    const local = scope.local()
    guards.push(code.nullable ? `(${local} = ${code.text}) === null` : `(${local} = ${code.text}, false)`)
    return { ...code, text: local, nan }
  })
  const result = operation(operands, scope)
  return guards.length === 0 ? result : `${guards.join(' || ')} ? null : ${result}`
}

/** How an operation is written inline for these operand types; undefined: it is not. */
function inlined(call: Call): Emit | undefined {
  const kinds = call.operands.map(o => o.type.kind)
  const same = kinds.every(k => k === kinds[0])
  if (kinds.every(k => numeric.has(k))) return numbers[call.operation]
  if (kinds[0] === 'boolean' && call.operation === 'not') return ([a]) => `!${a!.text}`
  if (same && (kinds[0] === 'text' || kinds[0] === 'boolean' || kinds[0] === 'bigint')) {
    if (call.operation === 'eq') return ([a, b]) => `${a!.text} === ${b!.text}`
    if (call.operation === 'ne') return ([a, b]) => `${a!.text} !== ${b!.text}`
  }
  return undefined
}

const less = (a: Operand, b: Operand): string => {
  if (!b.nan) return `${a.text} < ${b.text}`
  return `(${a.text} < ${b.text} || (${b.text} !== ${b.text} && ${a.text} === ${a.text}))`
}
const equal = (a: Operand, b: Operand): string => {
  if (!a.nan || !b.nan) return `${a.text} === ${b.text}`
  return `(${a.text} === ${b.text} || (${a.text} !== ${a.text} && ${b.text} !== ${b.text}))`
}

const numbers: Partial<Record<OperationName, Emit>> = {
  eq: ([a, b]) => equal(a!, b!),
  ne: ([a, b]) => `!(${equal(a!, b!)})`,
  lt: ([a, b]) => less(a!, b!),
  ge: ([a, b]) => `!(${less(a!, b!)})`,
  gt: ([a, b]) => less(b!, a!),
  le: ([a, b]) => `!(${less(b!, a!)})`,
  plus: ([a, b]) => `${a!.text} + ${b!.text}`,
  minus: ([a, b]) => `${a!.text} - ${b!.text}`,
  times: ([a, b]) => `${a!.text} * ${b!.text}`,
  divide: ([a, b]) => `${a!.text} / ${b!.text}`,
  modulo: ([a, b]) => `${a!.text} % ${b!.text}`,
  negate: ([a]) => `-${a!.text}`,
  abs: ([a]) => `Math.abs(${a!.text})`,
  floor: ([a]) => `Math.floor(${a!.text})`,
  ceil: ([a]) => `Math.ceil(${a!.text})`,
}

/** The evaluator on operands given as thunks, so that lazy operations stay lazy. */
function emitEvaluated(call: Call, scope: Scope): string {
  const { evaluate } = operations[call.operation]
  const thunks = call.operands.map(operand => `() => ${thunk(emit(operand, scope))}`)
  const run = (...values: (() => unknown)[]): unknown =>
    evaluate(call, operand => values[call.operands.indexOf(operand)]!() ?? null)
  return `${scope.constant(run)}(${thunks.join(', ')})`
}

function thunk(code: Code): string {
  return code.kind === 'any' ? `dateless(${code.text})` : code.text
}

/** What the text of expressions may call. */
export const expressionLibrary = {
  dateless: (value: unknown): unknown => (value instanceof Date ? value.getTime() : (value ?? null)),
} as const
