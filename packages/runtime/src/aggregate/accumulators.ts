/** The built-in accumulators, and the one around a user's own aggregate. */
import {
  AnyColumn,
  bitmapBytes,
  type Column,
  type DataType,
  DoubleColumn,
  type Field,
  field,
  Int32Column,
  setValid,
  typeOf,
  type Validity,
  ValueError,
} from '@millrace/algebra'
import { type CustomAggregate, compareValues } from '@millrace/plan'
import { gatherArray } from '../state/arrays.ts'
import type { Accumulator, Fields } from './accumulator.ts'
import { columnOfValues } from './column-of-values.ts'

/** Rows, by weight. */
export function countAccumulator(): Accumulator {
  return {
    fields: [field('count', 'double')],
    initial: [0],
    takes: 'nothing',
    retractable: true,
    add: ([n], _v, w) => `${n} += ${w};`,
    merge: ([n], [m]) => `${n} += ${m};`,
    addTo: (fields, _value, weight) => {
      fields[0] = (fields[0] as number) + weight
    },
    mergeInto: (fields, other) => {
      fields[0] = (fields[0] as number) + (other[0] as number)
    },
    constants: {},
    results: ([n], at, length) => gatherArray(n!, at, length),
  }
}

export const compensatedSum = {
  text: ([s, c]: readonly string[], v: string): string =>
    `{ const x = ${v}, y = ${s}, z = y + x; ${c} += Math.abs(y) >= Math.abs(x) ? (y - z) + x : (x - z) + y; ${s} = z; }`,
  apply: (fields: Fields, x: number): void => {
    const y = fields[0] as number
    const z = y + x
    fields[1] = (fields[1] as number) + (Math.abs(y) >= Math.abs(x) ? y - z + x : x - z + y)
    fields[0] = z
  },
}

/** An infinite sum has a compensation that is no number. */
export function total(sum: number, compensation: number): number {
  return Number.isFinite(sum) ? sum + compensation : sum
}

/** Sum or mean of numbers: sum, compensation, count of present values. */
export function sumAccumulator(kind: 'sum' | 'avg'): Accumulator {
  return {
    fields: [field('sum', 'double'), field('compensation', 'double'), field('count', 'double')],
    initial: [0, 0, 0],
    takes: 'number',
    retractable: true,
    add: ([s, c, n], v, w) => `${compensatedSum.text([s!, c!], w === '1' ? v : `${v} * ${w}`)} ${n} += ${w};`,
    merge: ([s, c, n], [t, d, m]) => `${compensatedSum.text([s!, c!], t!)} ${c} += ${d}; ${n} += ${m};`,
    addTo: (fields, value, weight) => {
      compensatedSum.apply(fields, (value as number) * weight)
      fields[2] = (fields[2] as number) + weight
    },
    mergeInto: (fields, other) => {
      compensatedSum.apply(fields, other[0] as number)
      fields[1] = (fields[1] as number) + (other[1] as number)
      fields[2] = (fields[2] as number) + (other[2] as number)
    },
    constants: {},
    results: ([s, c, n], at, length) => {
      const [sums, rests, counts] = [s, c, n] as Float64Array[]
      const values = new Float64Array(length)
      for (let i = 0; i < length; i++) {
        const sum = total(sums![at[i]!]!, rests![at[i]!]!)
        values[i] = kind === 'sum' ? sum : sum / counts![at[i]!]!
      }
      return new DoubleColumn(values, presentWhere(counts!, at, length))
    },
  }
}

/** Exact sum or mean of bigints; a sum beyond 64 bits is an error, a mean is a double. */
export function bigintAccumulator(kind: 'sum' | 'avg'): Accumulator {
  const plus = (value: unknown, weight: number, sum: unknown): bigint => {
    const next = ((sum as bigint | undefined) ?? 0n) + (value as bigint) * BigInt(weight)
    if (BigInt.asIntN(64, next) !== next) throw new ValueError('', next, 'sum of bigints (beyond 64 bits)')
    return next
  }
  return {
    fields: [field('sum', 'any', true), field('count', 'double')],
    initial: [undefined, 0],
    takes: 'value',
    retractable: true,
    add: ([s, n], v, w) => `${s} = plusBigint(${v}, ${w}, ${s}); ${n} += ${w};`,
    merge: ([s, n], [t, m]) => `if (${t} !== undefined) ${s} = plusBigint(${t}, 1, ${s}); ${n} += ${m};`,
    addTo: (fields, value, weight) => {
      fields[0] = plus(value, weight, fields[0])
      fields[1] = (fields[1] as number) + weight
    },
    mergeInto: (fields, [sum, count]) => {
      if (sum !== undefined) fields[0] = plus(sum, 1, fields[0])
      fields[1] = (fields[1] as number) + (count as number)
    },
    constants: { plusBigint: plus },
    results: ([s, n], at, length) => {
      const [sums, counts] = [s as bigint[], n as Float64Array]
      const values = Array.from({ length }, (_, i) => {
        const count = counts[at[i]!]!
        if (!(count > 0)) return null
        return kind === 'sum' ? sums[at[i]!]! : Number(sums[at[i]!]!) / count
      })
      return columnOfValues(kind === 'sum' ? typeOf.bigint : typeOf.double, values)
    },
  }
}

/** Least or greatest number, NaN above all: value, and count of present values. */
export function extremeNumber(kind: 'min' | 'max', type: DataType): Accumulator {
  const wins =
    kind === 'min'
      ? (v: string, m: string) => `${v} < ${m} || ${m} !== ${m}`
      : (v: string, m: string) => `${v} > ${m} || ${v} !== ${v}`
  const takes = ([m, n]: readonly string[], v: string, count: string): string =>
    `if (${wins(v, m!)}) ${m} = ${v}; ${n} += ${count};`
  const apply = (fields: Fields, value: number, count: number): void => {
    const most = fields[0] as number
    if (kind === 'min' ? value < most || Number.isNaN(most) : value > most || Number.isNaN(value)) fields[0] = value
    fields[1] = (fields[1] as number) + count
  }
  return {
    fields: [field('value', 'double'), field('count', 'double')],
    initial: [kind === 'min' ? Number.NaN : Number.NEGATIVE_INFINITY, 0],
    takes: 'number',
    retractable: false,
    add: (f, v, w) => takes(f, v, w),
    merge: (f, [m, n]) => `if (${n} > 0) { ${takes(f, m!, n!)} }`,
    addTo: (fields, value, weight) => apply(fields, value as number, weight),
    mergeInto: (fields, [value, count]) => {
      if ((count as number) > 0) apply(fields, value as number, count as number)
    },
    constants: {},
    results: ([m, n], at, length) => {
      const column = gatherArray(m!, at, length) as DoubleColumn
      const validity = presentWhere(n as Float64Array, at, length)
      return type.kind === 'int32'
        ? new Int32Column(Int32Array.from(column.values), validity)
        : new DoubleColumn(column.values, validity)
    },
  }
}

/** Least or greatest of values that are no numbers, or not known to be. */
export function extremeValue(kind: 'min' | 'max', type: DataType): Accumulator {
  const sign = kind === 'min' ? -1 : 1
  const better = (value: unknown, most: unknown): unknown => {
    const given = value instanceof Date ? value.getTime() : value
    return most === undefined || compareValues(given, most) * sign > 0 ? given : most
  }
  return {
    fields: [field('value', 'any', true)],
    initial: [undefined],
    takes: 'value',
    retractable: false,
    add: ([m], v) => `${m} = ${kind}Value(${v}, ${m});`,
    merge: ([m], [o]) => `if (${o} !== undefined) ${m} = ${kind}Value(${o}, ${m});`,
    addTo: (fields, value) => {
      fields[0] = better(value, fields[0])
    },
    mergeInto: (fields, [other]) => {
      if (other !== undefined) fields[0] = better(other, fields[0])
    },
    constants: { [`${kind}Value`]: better },
    results: ([m], at, length) => columnOf(type, m as unknown[], at, length),
  }
}

/** The values as a column of their type. */
function columnOf(type: DataType, array: unknown[], at: Int32Array, length: number): Column {
  const values = Array.from({ length }, (_, i) => array[at[i]!] ?? null)
  return type.kind === 'any' ? new AnyColumn(values) : columnOfValues(type, values)
}

let customs = 0

export function customAccumulator(aggregate: CustomAggregate, name: string): Accumulator {
  const create = aggregate.create as () => unknown
  const add = aggregate.add as (accumulator: unknown, row: unknown) => unknown
  const merge = aggregate.merge as (a: unknown, b: unknown) => unknown
  const result = aggregate.result as (accumulator: unknown) => unknown
  // Texts of several custom aggregates stand in one function: their names differ.
  const names = { added: `added${++customs}`, merged: `merged${customs}` }
  const added = (accumulator: unknown, row: unknown): unknown =>
    add(accumulator === undefined ? create() : accumulator, row)
  const merged = (a: unknown, b: unknown): unknown => merge(a === undefined ? create() : a, b)
  return {
    fields: [field(name, 'any', true)],
    initial: [undefined],
    takes: 'row',
    retractable: false,
    add: ([f], v) => `${f} = ${names.added}(${v}, ${f});`,
    merge: ([f], [g]) => `if (${g} !== undefined) ${f} = ${names.merged}(${g}, ${f});`,
    addTo: (fields, row) => {
      fields[0] = added(fields[0], row)
    },
    mergeInto: (fields, [other]) => {
      if (other !== undefined) fields[0] = merged(fields[0], other)
    },
    constants: {
      [names.added]: (row: unknown, f: unknown) => added(f, row),
      [names.merged]: (g: unknown, f: unknown) => merged(f, g),
    },
    results: ([f], at, length) => {
      const array = f as unknown[]
      return new AnyColumn(
        Array.from({ length }, (_, i) => result(array[at[i]!] === undefined ? create() : array[at[i]!])),
      )
    },
  }
}

/** Absent where no value was present. */
export function presentWhere(counts: Float64Array, at: Int32Array, length: number): Validity {
  let validity: Uint8Array | null = null
  for (let i = 0; i < length; i++) {
    if (counts[at[i]!]! > 0) continue
    if (validity === null) validity = new Uint8Array(bitmapBytes(length)).fill(255)
    setValid(validity, i, false)
  }
  return validity
}

export function accumulatorFor(
  aggregate: 'count' | 'sum' | 'avg' | 'min' | 'max' | CustomAggregate,
  argument: Field | null,
): Accumulator {
  if (typeof aggregate !== 'string') return customAccumulator(aggregate, 'custom')
  if (aggregate === 'count') return countAccumulator()
  const kind = argument!.type.kind
  if (aggregate === 'sum' || aggregate === 'avg')
    return kind === 'bigint' ? bigintAccumulator(aggregate) : sumAccumulator(aggregate)
  const isNumber = kind === 'int32' || kind === 'double' || kind === 'timestamp'
  return isNumber ? extremeNumber(aggregate, argument!.type) : extremeValue(aggregate, argument!.type)
}
