/**
 * Type rules: from the operands of an operation to the type of its result; undefined where they do not fit.
 *
 * Operands are of one family. `any` fits everywhere and is checked when the value is there; so does null, which is why
 * a null literal has type any.
 *
 * Arithmetic on int32 gives double: sums and products of two int32 may leave the int32 range, and must not wrap. An
 * int32 result is asked for by a cast, which checks. Bigint stays bigint, checked against 64 bits.
 */
import { type DataType, typeOf } from '@millrace/algebra'
import type { Expression } from './expression.ts'
import { commonType, type Family, familyOf, sharedFamily } from './family.ts'

export type TypeRule = (operands: readonly Expression[]) => DataType | undefined
const types = (operands: readonly Expression[]) => operands.map(o => o.type)
const isNullLiteral = (e: Expression) => e.kind === 'literal' && e.value === null

/** All operands from some of these families; the result has one given type. */
export function taking(allowed: readonly Family[], result: DataType): TypeRule {
  return operands =>
    operands.every(o => o.type.kind === 'any' || allowed.includes(familyOf(o.type))) ? result : undefined
}

/** Operands of one family, whichever. */
export const comparison: TypeRule = operands => (sharedFamily(types(operands)) ? typeOf.boolean : undefined)

/** Numbers to double, bigint to bigint; `any` unless another operand says which. */
export const arithmetic: TypeRule = operands => {
  const family = sharedFamily(types(operands))
  if (family === 'number') return typeOf.double
  if (family === 'bigint') return typeOf.bigint
  return family === 'any' ? typeOf.any : undefined
}

/** As arithmetic; a time and a number give a time. */
export const addition: TypeRule = operands => {
  const times = operands.filter(o => o.type.kind === 'timestamp').length
  const type = arithmetic(operands)
  return type?.kind === 'double' && times === 1 ? typeOf.timestamp : type
}

/** As addition, but a number less a time is only a number. */
export const subtraction: TypeRule = operands =>
  operands[1]!.type.kind === 'timestamp' ? arithmetic(operands) : addition(operands)

/** A whole number of the operand's own type; with digits, which may carry it out of int32, a double. */
export const rounding: TypeRule = ([operand, digits]) => {
  const family = familyOf(operand!.type)
  if (family !== 'number' && family !== 'bigint' && family !== 'any') return undefined
  if (digits === undefined) return operand!.type
  return family === 'bigint' || !['number', 'any'].includes(familyOf(digits.type)) ? undefined : typeOf.double
}

/** The type common to all, null literals apart. */
export const alternatives: TypeRule = operands => {
  const told = operands.filter(o => !isNullLiteral(o))
  if (told.length === 0) return typeOf.any
  return told.map(o => o.type).reduce<DataType | undefined>((a, b) => a && commonType(a, b), told[0]!.type)
}

export const conditional: TypeRule = ([condition, ...branches]) =>
  familyOf(condition!.type) === 'boolean' || condition!.type.kind === 'any' ? alternatives(branches) : undefined
