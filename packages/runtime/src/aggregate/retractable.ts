/**
 * Accumulators over rows that come and go: what is added can be taken back (Budiu et al., DBSP, VLDB 2023, section 4.2).
 *
 * Counts and sums are groups already; a sum counts what is no finite number beside the sum, from which it could not be
 * taken back. The least and the greatest keep the multiset of all values, since the next one may be any of them.
 * State: min and max, a count for each different value of a key. Cost: a look-up a row; where the least or greatest is taken
 * back, a look at all different values of its key.
 */
import { AnyColumn, type Column, type DataType, DoubleColumn, type Field, field, typeOf } from '@millrace/algebra'
import type { Accumulator, Fields } from './accumulator.ts'
import { bigintAccumulator, compensatedSum, countAccumulator, presentWhere, total } from './accumulators.ts'
import { columnOfValues } from './column-of-values.ts'
import { type Counts, extremes } from './extremes.ts'

export function retractableAccumulator(
  aggregate: 'count' | 'sum' | 'avg' | 'min' | 'max',
  argument: Field | null,
): Accumulator {
  if (aggregate === 'count') return countAccumulator()
  const { type } = argument!
  if (aggregate === 'min' || aggregate === 'max') return extremeOfAll(aggregate, type)
  return type.kind === 'bigint' ? bigintAccumulator(aggregate) : sumOfAll(aggregate)
}

/** Sum or mean of numbers: of the finite ones, and how many there are, are NaN, Infinity, -Infinity. */
function sumOfAll(kind: 'sum' | 'avg'): Accumulator {
  const plus = ([s, c]: readonly string[], v: string): string => compensatedSum.text([s!, c!], v)
  const others = (f: readonly string[], g: readonly string[]): string =>
    f.map((name, i) => `${name} += ${g[i]};`).join(' ')
  return {
    fields: ['sum', 'compensation', 'count', 'nan', 'positive', 'negative'].map(name => field(name, 'double')),
    initial: [0, 0, 0, 0, 0, 0],
    takes: 'number',
    retractable: true,
    add: ([s, c, n, nan, up, down], v, w) =>
      `${n} += ${w}; if (${v} - ${v} === 0) ${plus([s!, c!], w === '1' ? v : `${v} * ${w}`)} ` +
      `else if (${v} !== ${v}) ${nan} += ${w}; else if (${v} > 0) ${up} += ${w}; else ${down} += ${w};`,
    merge: ([s, c, ...f], [t, d, ...g]) => `${plus([s!, c!], t!)} ${c} += ${d}; ${others(f, g)}`,
    addTo: (fields, value, weight) => {
      const x = value as number
      bump(fields, 2, weight)
      if (Number.isFinite(x)) compensatedSum.apply(fields, x * weight)
      else bump(fields, Number.isNaN(x) ? 3 : x > 0 ? 4 : 5, weight)
    },
    mergeInto: (fields, other) => {
      compensatedSum.apply(fields, other[0] as number)
      for (let f = 1; f < 6; f++) bump(fields, f, other[f] as number)
    },
    constants: {},
    results: (arrays, at, length) => {
      const [sums, rests, counts, nans, ups, downs] = arrays as readonly Float64Array[]
      const values = new Float64Array(length)
      for (let i = 0; i < length; i++) {
        const id = at[i]!
        const finite = total(sums![id]!, rests![id]!)
        const infinite = (ups![id]! > 0 ? Infinity : 0) - (downs![id]! > 0 ? Infinity : 0)
        const sum = nans![id]! > 0 ? Number.NaN : infinite === 0 ? finite : infinite
        values[i] = kind === 'sum' ? sum : sum / counts![id]!
      }
      return new DoubleColumn(values, presentWhere(counts!, at, length))
    },
  }
}

function bump(fields: Fields, at: number, by: number): void {
  fields[at] = (fields[at] as number) + by
}

/** Least or greatest of all values, NaN above all. */
function extremeOfAll(kind: 'min' | 'max', type: DataType): Accumulator {
  const known = extremes[kind]
  return {
    fields: [field('counts', 'any', true)],
    initial: [undefined],
    takes: 'value',
    retractable: true,
    add: ([f], v, w) => `${f} = ${kind}Counted(${v}, ${w}, ${f});`,
    merge: ([f], [g]) => `if (${g} !== undefined) ${f} = ${kind}Merged(${g}, ${f});`,
    addTo: (fields, value, weight) => {
      fields[0] = known.counted(value, weight, fields[0] as Counts | undefined)
    },
    mergeInto: (fields, [other]) => {
      if (other !== undefined) fields[0] = known.merged(other as Counts, fields[0] as Counts | undefined)
    },
    constants: {
      [`${kind}Counted`]: (value: unknown, weight: number, counts: Counts | undefined) =>
        known.counted(value, weight, counts),
      [`${kind}Merged`]: (other: Counts, counts: Counts | undefined) => known.merged(other, counts),
    },
    results: ([f], at, length) => {
      const all = f as readonly (Counts | undefined)[]
      return columnOf(
        type,
        Array.from({ length }, (_, i) => known.of(all[at[i]!])),
      )
    },
  }
}

function columnOf(type: DataType, values: readonly unknown[]): Column {
  switch (type.kind) {
    case 'any':
      return new AnyColumn([...values])
    case 'timestamp':
      return columnOfValues(typeOf.double, values)
    default:
      return columnOfValues(type, values)
  }
}
