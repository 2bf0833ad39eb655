import { field, Schema, typeOf } from '@millrace/algebra'
import { failureOf } from '@millrace/testing/plans'
import { describe, expect, test } from 'vitest'
import { call, cast, column, literal, withOperands } from './build.ts'
import { type OperationName, operationNames } from './operation-names.ts'
import { operations } from './operations.ts'

const kinds = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp', 'any'] as const
const schema = Schema.record(kinds.flatMap(kind => [field(kind, kind), field(`${kind}?`, kind, true)]))
const of = (name: string) => (name === 'null' ? literal(null) : column(schema, name))

/** The type of the result, `?` behind it where it may be null, or the message. */
function typed(operation: OperationName, ...names: string[]): string {
  try {
    const { type, nullable } = call(operation as Exclude<OperationName, 'cast'>, names.map(of))
    return type.kind + (nullable ? '?' : '')
  } catch (error) {
    return (error as Error).message
  }
}

describe('columns', () => {
  test('take type and nullability from the schema', () => {
    expect(column(schema, 'text?')).toEqual({ kind: 'column', name: 'text?', type: typeOf.text, nullable: true })
    expect(column(schema, 'double')).toEqual({ kind: 'column', name: 'double', type: typeOf.double, nullable: false })
    expect(Object.isFrozen(column(schema, 'double'))).toBe(true)
  })
  test('unknown ones are errors with a hint', () => {
    const flights = Schema.record([field('date', 'timestamp'), field('origin', 'text')])
    const error = failureOf(() => column(flights, 'orgin', { operator: '.where(...)' }))
    expect([error.code, error.message, error.hint, error.details.operator]).toEqual([
      'UNKNOWN_COLUMN',
      'unknown column: orgin (known: date, origin)',
      'did you mean "origin"?',
      '.where(...)',
    ])
  })
  test('of opaque rows any name goes; of other bare rows only the one', () => {
    expect(column(Schema.opaque, 'whatever')).toMatchObject({ type: typeOf.any, nullable: true })
    expect(failureOf(() => column(Schema.bare('text'), 'line')).code).toBe('UNKNOWN_COLUMN')
    expect(column(Schema.bare('text'), 'value').type).toBe(typeOf.text)
  })
})

describe('literals', () => {
  test.each([
    [0, 'int32'],
    [2147483647, 'int32'],
    [-2147483648, 'int32'],
    [2147483648, 'double'],
    [-2147483649, 'double'],
    [0.5, 'double'],
    [-0, 'double'],
    [Number.NaN, 'double'],
    ['x', 'text'],
    [true, 'boolean'],
    [5n, 'bigint'],
    [null, 'any'],
    [undefined, 'any'],
  ] as const)('%s is %s', (value, kind) => {
    expect(literal(value)).toEqual({
      kind: 'literal',
      value: value ?? null,
      type: typeOf[kind],
      nullable: kind === 'any',
    })
  })
  test('a Date is a timestamp of its milliseconds', () => {
    expect(literal(new Date(12))).toMatchObject({ value: 12, type: typeOf.timestamp })
    expect(failureOf(() => literal(new Date(Number.NaN))).code).toBe('INVALID_ARGUMENT')
  })
  test('what cannot be one is refused', () => {
    expect(failureOf(() => literal({} as never)).message).toBe('invalid literal: an object')
    expect(failureOf(() => literal((() => 1) as never)).message).toBe('invalid literal: a function')
    expect(failureOf(() => literal(2n ** 63n)).code).toBe('INVALID_VALUE')
    expect(literal(-(2n ** 63n)).type.kind).toBe('bigint')
  })
})

describe('types', () => {
  test.each<[OperationName, string[], string]>([
    ['plus', ['int32', 'int32'], 'double'],
    ['times', ['int32', 'double?'], 'double?'],
    ['divide', ['int32', 'int32'], 'double'],
    ['divide', ['bigint', 'bigint'], 'bigint'],
    ['modulo', ['bigint?', 'bigint'], 'bigint?'],
    ['plus', ['timestamp', 'int32'], 'timestamp'],
    ['plus', ['double', 'timestamp'], 'timestamp'],
    ['plus', ['timestamp', 'timestamp'], 'double'],
    ['minus', ['timestamp', 'timestamp'], 'double'],
    ['minus', ['timestamp', 'double'], 'timestamp'],
    ['minus', ['double', 'timestamp'], 'double'],
    ['times', ['timestamp', 'int32'], 'double'],
    ['plus', ['any', 'int32'], 'double'],
    ['plus', ['any', 'bigint'], 'bigint'],
    ['plus', ['any', 'any?'], 'any?'],
    ['plus', ['null', 'int32'], 'double?'],
    ['negate', ['int32'], 'double'],
    ['abs', ['bigint'], 'bigint'],
    ['floor', ['int32'], 'int32'],
    ['ceil', ['timestamp'], 'timestamp'],
    ['round', ['double?'], 'double?'],
    ['round', ['int32', 'int32'], 'double'],
    ['round', ['bigint'], 'bigint'],
    ['eq', ['int32', 'timestamp'], 'boolean'],
    ['lt', ['text', 'text?'], 'boolean?'],
    ['ge', ['any', 'text'], 'boolean'],
    ['ne', ['boolean', 'boolean'], 'boolean'],
    ['and', ['boolean', 'boolean?'], 'boolean?'],
    ['or', ['any', 'boolean'], 'boolean'],
    ['not', ['boolean?'], 'boolean?'],
    ['isNull', ['text?'], 'boolean'],
    ['in', ['text', 'text', 'text?'], 'boolean?'],
    ['upper', ['text?'], 'text?'],
    ['length', ['text'], 'int32'],
    ['concat', ['text', 'text?', 'any'], 'text?'],
    ['like', ['text', 'text'], 'boolean'],
    ['coalesce', ['int32?', 'double'], 'double'],
    ['coalesce', ['int32?', 'int32?'], 'int32?'],
    ['coalesce', ['timestamp?', 'int32'], 'timestamp'],
    ['coalesce', ['null', 'text'], 'text'],
    ['coalesce', ['null', 'null'], 'any?'],
    ['coalesce', ['any?', 'text'], 'any'],
    ['if', ['boolean?', 'text', 'text'], 'text'],
    ['if', ['boolean', 'text', 'null'], 'text?'],
    ['if', ['any', 'int32?', 'double'], 'double?'],
  ])('%s of %s: %s', (operation, names, result) => expect(typed(operation, ...names)).toBe(result))

  test.each<[OperationName, string[], string]>([
    ['eq', ['text', 'int32'], 'invalid operands of =: text and int32 (text, int32)'],
    ['lt', ['boolean', 'double'], 'invalid operands of <: boolean and double (boolean, double)'],
    ['plus', ['text', 'text'], 'invalid operands of +: text and text (text, text)'],
    ['plus', ['bigint', 'int32'], 'invalid operands of +: bigint and int32 (bigint, int32)'],
    ['negate', ['boolean'], 'invalid operand of -: boolean (boolean)'],
    ['and', ['boolean', 'int32'], 'invalid operands of AND: boolean and int32 (boolean, int32)'],
    ['in', ['text', 'text', 'int32'], 'invalid operands of IN: text and text and int32 (text, text, int32)'],
    ['upper', ['int32'], 'invalid operand of UPPER: int32 (int32)'],
    ['concat', ['text', 'int32'], 'invalid operands of ||: text and int32 (text, int32)'],
    ['floor', ['text'], 'invalid operand of FLOOR: text (text)'],
    ['round', ['bigint', 'int32'], 'invalid operands of ROUND: bigint and int32 (bigint, int32)'],
    ['round', ['double', 'text'], 'invalid operands of ROUND: double and text (double, text)'],
    ['coalesce', ['text', 'int32'], 'invalid operands of COALESCE: text and int32 (text, int32)'],
    ['if', ['text', 'int32', 'int32'], 'invalid operands of IF: text and int32 and int32 (text, int32, int32)'],
  ])('%s of %s is refused', (operation, names, message) => expect(typed(operation, ...names)).toBe(message))

  test('the hint says what to do', () => {
    const error = failureOf(() => call('plus', [of('bigint'), of('int32')]))
    expect([error.code, error.hint]).toEqual([
      'TYPE_MISMATCH',
      'bigints and numbers do not mix: cast one of them, to double or to bigint',
    ])
    expect(failureOf(() => call('eq', [of('text'), of('int32')])).hint).toBe(
      'cast an operand to the type that is meant',
    )
  })

  test('null fits everywhere, and gives null', () => {
    for (const name of operationNames) {
      const operation = operations[name]
      if (name === 'cast' || name === 'if' || name === 'isNull') continue
      expect(call(name, Array(operation.arity[0]).fill(literal(null))).nullable).toBe(true)
    }
  })

  test.each<[OperationName, number, string]>([
    ['not', 2, 'it takes 1'],
    ['round', 3, 'it takes 1 to 2'],
    ['round', 0, 'it takes 1 to 2'],
    ['concat', 1, 'it takes 2 or more'],
    ['in', 1, 'it takes 2 or more'],
    ['coalesce', 0, 'it takes 1 or more'],
    ['eq', 3, 'it takes 2'],
    ['and', 3, 'it takes 2'],
    ['plus', 1, 'it takes 2'],
    ['abs', 2, 'it takes 1'],
    ['upper', 2, 'it takes 1'],
    ['like', 4, 'it takes 2 to 3'],
    ['if', 2, 'it takes 3'],
  ])('%s of %i operands is refused', (name, count, hint) => {
    const error = failureOf(() => call(name as 'not', Array(count).fill(of('boolean'))))
    expect([error.code, error.hint]).toEqual(['INVALID_ARGUMENT', hint])
  })
})

describe('casts', () => {
  test('give the type asked for and keep null', () => {
    expect(cast(of('text?'), 'int32')).toMatchObject({ operation: 'cast', type: typeOf.int32, nullable: true })
    expect(cast(of('int32'), typeOf.text)).toMatchObject({ type: typeOf.text, nullable: false })
  })
  test('between booleans and times there is none', () => {
    const error = failureOf(() => cast(of('boolean'), 'timestamp'))
    expect([error.code, error.message]).toEqual(['TYPE_MISMATCH', 'invalid cast: boolean to timestamp (boolean)'])
    expect(failureOf(() => cast(of('timestamp'), 'boolean')).code).toBe('TYPE_MISMATCH')
  })
  test('other operands keep the target, other operations find their type anew', () => {
    expect(withOperands(cast(of('text'), 'int32'), [of('double?')])).toEqual(cast(of('double?'), 'int32'))
    const sum = call('plus', [of('int32'), of('int32')])
    expect(withOperands(sum, [of('bigint'), of('bigint')]).type.kind).toBe('bigint')
  })
})

test('expressions are frozen throughout', () => {
  const sum = call('plus', [of('int32'), literal(1)])
  expect([sum, sum.operands, sum.operands[1]].every(Object.isFrozen)).toBe(true)
})
