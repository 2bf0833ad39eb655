/**
 * Random well-typed expressions over the columns of a schema, for property tests, and random rows of that schema.
 *
 * With `total` they never fail: no bigint arithmetic, no cast that could refuse a value, no operand of type any.
 */
import type { Schema, TypeKind } from '@millrace/algebra'
import { call, cast, column, type Expression, literal, type OperationName } from '@millrace/plan'
import fc from 'fast-check'

type Kind = Exclude<TypeKind, 'any'>
type Operation = Exclude<OperationName, 'cast'>

export interface ExpressionOptions {
  /** How deep operations nest; default 3. */
  readonly depth?: number
  /** Only expressions that give a value, or null, for every row; default true. */
  readonly total?: boolean
  /** The types that operands may have; all of them by default. */
  readonly kinds?: readonly Kind[]
}

const allKinds: readonly Kind[] = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp']

/** Few values, so that comparisons meet equals; the borders of each type among them. */
export const sampleValues: Readonly<Record<Kind, readonly unknown[]>> = {
  int32: [0, 1, -1, 7, 2147483647, -2147483648],
  double: [0, -0, 0.5, -1.5, 2.5, 1e300, Number.NaN, Number.POSITIVE_INFINITY],
  timestamp: [0, 86_400_000, 1_000_000_000_123],
  bigint: [0n, 1n, -1n, 9223372036854775807n, -9223372036854775808n],
  boolean: [true, false],
  text: ['', 'a', 'b', 'ab', 'A_b%', "it's", '\u{1f600}', '\uffee', 'ba'],
}

/** A value of the type; null now and then if it may be. */
export function sampleOf(kind: TypeKind, nullable: boolean): fc.Arbitrary<unknown> {
  const some = fc.constantFrom(...(kind === 'any' ? Object.values(sampleValues).flat() : sampleValues[kind]))
  return nullable ? fc.option(some, { freq: 4 }) : some
}

/** One row of a record schema. */
export function rowOf(schema: Schema): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(schema.fields.map(f => [f.name, sampleOf(f.type.kind, f.nullable)])), {
    noNullPrototype: true,
  })
}

/** Expressions of that type over the schema's columns. */
export function expressionsOf(
  schema: Schema,
  kind: Kind,
  { depth = 3, total = true, kinds = allKinds }: ExpressionOptions = {},
): fc.Arbitrary<Expression> {
  const made = new Map<string, fc.Arbitrary<Expression>>()
  const within = (kind: Kind, depth: number): fc.Arbitrary<Expression> => {
    const key = `${kind} ${depth}`
    const known = made.get(key)
    if (known !== undefined) return known
    const leaf = leaves(schema, kind)
    const of = (other: Kind) => within(other, depth - 1)
    const arbitrary = depth === 0 ? leaf : fc.oneof(leaf, chosen(kind, of), ...operationsGiving(kind, of, total, kinds))
    made.set(key, arbitrary)
    return arbitrary
  }
  return within(kind, depth)
}

function chosen(kind: Kind, of: Of): fc.Arbitrary<Expression> {
  return fc.oneof(
    fc.tuple(of('boolean'), of(kind), of(kind)).map(operands => call('if', operands)),
    fc.array(of(kind), { minLength: 1, maxLength: 3 }).map(operands => call('coalesce', operands)),
  )
}

function leaves(schema: Schema, kind: Kind): fc.Arbitrary<Expression> {
  const fields = schema.fields.filter(f => f.type.kind === kind)
  const constant = sampleOf(kind, true).map(value => constantOf(kind, value))
  if (fields.length === 0) return constant
  const reference = fc.constantFrom(...fields).map(f => column(schema, f.name))
  return fc.oneof({ arbitrary: reference, weight: 2 }, { arbitrary: constant, weight: 1 })
}

/** A literal of that type. */
export function constantOf(kind: Kind, value: unknown): Expression {
  const constant = literal(kind === 'timestamp' && value !== null ? new Date(value as number) : (value as never))
  return constant.type.kind === kind ? constant : cast(constant, kind)
}

type Of = (kind: Kind) => fc.Arbitrary<Expression>

/** Operations of that result; the more often one is listed, the likelier it is. */
function operationsGiving(kind: Kind, of: Of, total: boolean, kinds: readonly Kind[]): fc.Arbitrary<Expression>[] {
  const one = (name: Operation, a: Kind) => of(a).map(x => call(name, [x]))
  const two = (name: Operation, a: Kind, b: Kind = a) => fc.tuple(of(a), of(b)).map(both => call(name, both))
  const casts = (...from: Kind[]) => fc.oneof(...from.map(of)).map(x => cast(x, kind))
  switch (kind) {
    case 'boolean':
      return conditions(of, kinds)
    case 'double':
      return [
        ...(['plus', 'minus', 'times', 'divide', 'modulo'] as const).map(name => two(name, 'double')),
        ...(['negate', 'abs', 'floor', 'ceil', 'round'] as const).map(name => one(name, 'double')),
        fc.tuple(of('double'), fc.integer({ min: 0, max: 3 })).map(([x, d]) => call('round', [x, literal(d)])),
        total ? casts('int32', 'boolean') : casts('int32', 'text', 'bigint'),
      ]
    case 'int32':
      return [one('length', 'text'), ...(total ? [] : [casts('double', 'text', 'bigint')])]
    case 'bigint':
      if (total) return []
      return [
        ...(['plus', 'minus', 'times', 'divide', 'modulo'] as const).map(name => two(name, 'bigint')),
        casts('int32', 'text', 'double'),
      ]
    case 'text':
      return [
        one('upper', 'text'),
        one('lower', 'text'),
        fc.array(of('text'), { minLength: 2, maxLength: 3 }).map(operands => call('concat', operands)),
        casts('boolean', 'int32'),
      ]
    case 'timestamp':
      return [two('plus', 'timestamp', 'double'), two('minus', 'timestamp', 'int32')]
  }
}

function conditions(of: Of, kinds: readonly Kind[]): fc.Arbitrary<Expression>[] {
  const kind = fc.constantFrom(...kinds)
  const compared = kind.chain(k =>
    fc
      .tuple(fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'), of(k), of(k))
      .map(([name, a, b]) => call(name, [a, b])),
  )
  const pattern = fc.constantFrom('%', 'a%', '%b', '_', 'a_b%', '%a%').map(literal)
  return [
    ...Array<typeof compared>(4).fill(compared),
    fc.tuple(of('boolean'), of('boolean')).map(operands => call('and', operands)),
    fc.tuple(of('boolean'), of('boolean')).map(operands => call('or', operands)),
    of('boolean').map(a => call('not', [a])),
    kind.chain(of).map(a => call('isNull', [a])),
    fc.tuple(of('text'), pattern).map(operands => call('like', operands)),
    kind.chain(k => fc.array(of(k), { minLength: 2, maxLength: 4 })).map(operands => call('in', operands)),
  ]
}
