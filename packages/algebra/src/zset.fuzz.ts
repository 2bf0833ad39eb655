/** The group laws of Z-sets, and consolidate against a naive twin. */

import { isDeepStrictEqual } from 'node:util'
import { batches, rowsOf, type Sample, type SampleRow, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch } from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { concat } from './concat.ts'
import { field, Schema } from './schema.ts'
import { add, consolidate, negate } from './zset.ts'

/** Equal under the law: -0 is 0, absent is absent whichever way; all else as Node compares deeply. */
function lawful(value: unknown): unknown {
  return value === undefined ? null : nested(value)
}

function nested(value: unknown): unknown {
  if (value === 0) return 0
  if (Array.isArray(value)) return Array.from(value, nested)
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [nested(k), nested(v)]))
  if (value instanceof Set) return new Set([...value].map(nested))
  if (value instanceof Float64Array) return value.map(x => (x === 0 ? 0 : x))
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, nested(v)]))
  return value
}

type Entry = { values: unknown; weight: number; time: number | undefined }

/** Compares each row with each: no hash, no column. */
function naive(rows: readonly SampleRow[]): Entry[] {
  const entries: Entry[] = []
  for (const row of rows) {
    const values = row.values.map(lawful)
    const entry = entries.find(e => isDeepStrictEqual(e.values, values))
    if (entry === undefined) entries.push({ values, weight: row.weight, time: row.time })
    else {
      entry.weight += row.weight
      if (row.time !== undefined) entry.time = Math.max(entry.time!, row.time)
    }
  }
  return entries.filter(entry => entry.weight !== 0)
}

const contents = (batch: Batch): Entry[] => rowsOf(batch).map(row => ({ ...row, values: row.values.map(lawful) }))
/** Rows and weights in an order of their own, for sums in different orders. */
const normal = (batch: Batch): unknown[] => sortedByText(contents(consolidate(batch)).map(e => [e.values, e.weight]))

function sortedByText(entries: unknown[]): unknown[] {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_, v) =>
      typeof v === 'bigint' || (typeof v === 'number' && !Number.isFinite(v)) ? `${v}` : v,
    )
  return entries
    .map(e => [text(e), e] as const)
    .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0))
    .map(e => e[1])
}

const samples = (n: number, kinds: Parameters<typeof schemas>[0] = undefined): fc.Arbitrary<Sample[]> =>
  schemas(kinds).chain(schema =>
    fc.array(batches(schema, { times: false, maxRows: 6 }), { minLength: n, maxLength: n }),
  )
const columnar = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp'] as const

describe('Z-sets', () => {
  it('consolidate equals its twin, order and times included', () => {
    const sample = schemas().chain(schema => batches(schema))
    fc.assert(
      fc.property(sample, ({ batch, rows }) => {
        expect(contents(consolidate(batch))).toEqual(naive(rows))
      }),
      { numRuns: 120 },
    )
  })

  it('consolidate adds up rows that repeat', () => {
    const few = Schema.record([field('b', 'boolean', true), field('i', 'boolean')])
    fc.assert(
      fc.property(batches(few, { maxRows: 60 }), ({ batch, rows }) => {
        const result = consolidate(batch)
        expect(contents(result)).toEqual(naive(rows))
        expect(contents(consolidate(result))).toEqual(contents(result))
      }),
    )
  })

  it('add is associative and commutative, with inverse and identity', () => {
    fc.assert(
      fc.property(samples(3, columnar), ([{ batch: a }, { batch: b }, { batch: c }]) => {
        expect(normal(add(add(a, b), c))).toEqual(normal(add(a, add(b, c))))
        expect(normal(add(a, b))).toEqual(normal(add(b, a)))
        expect(consolidate(add(a, negate(a))).length).toBe(0)
        expect(normal(add(a, concat([], a.schema)))).toEqual(normal(a))
        expect(normal(negate(negate(a)))).toEqual(normal(a))
      }),
    )
  })

  it('consolidate and negate are linear', () => {
    fc.assert(
      fc.property(samples(2, columnar), ([{ batch: a }, { batch: b }]) => {
        expect(normal(add(consolidate(a), consolidate(b)))).toEqual(normal(add(a, b)))
        expect(normal(negate(add(a, b)))).toEqual(normal(add(negate(a), negate(b))))
      }),
    )
  })

  it('opaque values have an inverse too', () => {
    fc.assert(
      fc.property(samples(1, ['any', 'int32']), ([{ batch }]) => {
        expect(consolidate(add(batch, negate(batch))).length).toBe(0)
      }),
    )
  })
})

describe('weights', () => {
  const build = (...weights: number[]): Batch => {
    const builder = new BatchBuilder(Schema.bare('text'))
    for (const weight of weights) builder.append('x', weight)
    return builder.build()
  }

  it('do not wrap', () => {
    expect(() => consolidate(build(2 ** 31 - 1, 1))).toThrow(
      new RangeError('invalid weight: 2147483648 (weights are from -2^31 to 2^31-1)'),
    )
    expect(() => negate(build(-(2 ** 31)))).toThrow('invalid weight: 2147483648')
    expect(consolidate(build(2 ** 31 - 1, 1, -1)).weight(0)).toBe(2 ** 31 - 1)
    expect(consolidate(build(-(2 ** 31), 1)).weight(0)).toBe(1 - 2 ** 31)
  })

  it('stay absent where every row is there once', () => {
    const batch = build(1)
    expect(consolidate(batch)).toBe(batch)
    expect(consolidate(build(1, 1)).weight(0)).toBe(2)
  })
})

describe('opaque rows', () => {
  const consolidated = (...values: unknown[]): number[] => {
    const builder = new BatchBuilder(Schema.opaque)
    for (const value of values) builder.append(value)
    const result = consolidate(builder.build())
    return Array.from({ length: result.length }, (_, i) => result.weight(i))
  }

  it('are the same by structure', () => {
    expect(consolidated({ a: 1, b: [2] }, { b: [2], a: 1 })).toEqual([2])
    expect(consolidated(new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]]), new Map([[{ k: 2 }, 1]]))).toEqual([2, 1])
    expect(consolidated(new Set([1, [2]]), new Set([[2], 1]))).toEqual([2])
    expect(consolidated(new Date(5), new Date(5), 5, 5n, '5')).toEqual([2, 1, 1, 1])
    expect(consolidated(new Uint8Array([1]), Buffer.from([1]), new Int8Array([1]))).toEqual([2, 1])
    expect(consolidated([Number.NaN, -0], [Number.NaN, 0], [undefined], [null])).toEqual([2, 1, 1])
    expect(consolidated(null, undefined)).toEqual([2])
    expect(consolidated(new Set([[1], [1]]), new Set([[1], [2]]))).toEqual([1, 1])
  })

  it('must be plain data', () => {
    class Point {}
    const cycle: unknown[] = []
    cycle.push({ cycle })
    const thrown = (value: unknown): string => {
      try {
        consolidated(value)
        return 'nothing'
      } catch (error) {
        return (error as Error).message
      }
    }
    expect(thrown({ user: { call: () => 1 } })).toBe('invalid plain data in column "value.user.call": a function')
    expect(thrown([{ 'a b': new Point() }])).toBe('invalid plain data in column "value[0][\\"a b\\"]": an object')
    expect(thrown(cycle)).toBe('invalid plain data without cycles in column "value[0].cycle": an array of 1')
  })
})
