/** Comparison, equality and sort against one twin that knows the law from its words. */
import { batches, rowsOf, schemas } from '@millrace/testing/batches'
import { valuesOf } from '@millrace/testing/values'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from '../batch.ts'
import { AnyColumn, type Column, Dictionary, DictionaryColumn, DoubleColumn, Int32Column } from '../column.ts'
import { compareRows, equalRows, type SortDirection } from './rows.ts'
import { sortPermutation } from './sort.ts'
import { compareText } from './text.ts'
import { compareValues } from './value.ts'

const columnar = ['int32', 'double', 'bigint', 'boolean', 'text', 'timestamp'] as const

function twin(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'string' && typeof b === 'string') {
    const [x, y] = [Array.from(a, c => c.codePointAt(0)!), Array.from(b, c => c.codePointAt(0)!)]
    for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i] - y[i]
    return x.length - y.length
  }
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
  const [x, y] = [a as number, b as number]
  return x < y ? -1 : x > y ? 1 : 0
}

function twinRows(a: readonly unknown[], b: readonly unknown[], directions: readonly SortDirection[]): number {
  for (let c = 0; c < a.length; c++) {
    const order = twin(a[c], b[c])
    const down = directions[c] === 'descending' && a[c] !== null && b[c] !== null
    if (order !== 0) return down ? -order : order
  }
  return 0
}

const physical = (batch: Batch, row: number): number => (batch.selection === null ? row : batch.selection[row])
const directions = fc.array(fc.constantFrom<SortDirection>('ascending', 'descending'), { minLength: 4, maxLength: 4 })
const pair = schemas(columnar).chain(schema =>
  fc.tuple(batches(schema, { maxRows: 8 }), batches(schema, { maxRows: 8 })),
)

describe('rows', () => {
  it('compare and equal as the twin says, whatever kinds of column hold them', () => {
    fc.assert(
      fc.property(pair, directions, ([a, b], directions) => {
        const compare = compareRows(a.batch.columns, b.batch.columns, directions)
        const equal = equalRows(a.batch.columns, b.batch.columns)
        a.rows.forEach((x, i) => {
          b.rows.forEach((y, j) => {
            const order = compare(physical(a.batch, i), physical(b.batch, j))
            expect(Math.sign(order) + 0).toBe(Math.sign(twinRows(x.values, y.values, directions)) + 0)
            expect(equal(physical(a.batch, i), physical(b.batch, j))).toBe(twinRows(x.values, y.values, []) === 0)
          })
        })
      }),
    )
  })

  it('sort stably', () => {
    const sample = schemas(columnar).chain(schema => batches(schema, { maxRows: 60 }))
    fc.assert(
      fc.property(sample, directions, ({ batch, rows }, directions) => {
        const order = sortPermutation(batch.columns, directions, batch.length, batch.selection)
        const sorted = new Batch(batch.schema, batch.columns, batch.length, order, batch.weights, batch.times)
        const expected = [...rows].sort((a, b) => twinRows(a.values, b.values, directions))
        expect(rowsOf(sorted)).toEqual(expected)
      }),
    )
  })

  it('sort by each single column, many rows', () => {
    const kinds = fc.constantFrom(...columnar).chain(kind => schemas([kind]).filter(s => s.fields.length === 1))
    const sample = kinds.chain(schema => batches(schema, { maxRows: 150 }))
    fc.assert(
      fc.property(sample, directions, ({ batch, rows }, directions) => {
        const order = sortPermutation(batch.columns, directions, batch.length, batch.selection)
        const sorted = new Batch(batch.schema, batch.columns, batch.length, order, batch.weights, batch.times)
        expect(rowsOf(sorted)).toEqual([...rows].sort((a, b) => twinRows(a.values, b.values, directions)))
      }),
      { numRuns: 40 },
    )
  })
})

describe('text', () => {
  it('is in the order of code points, UTF-16 units notwithstanding', () => {
    const ordered = [
      '',
      'a',
      'ab',
      'b',
      'ä',
      '\uD800',
      '\uD800\uE000',
      '\uDC00',
      '\uE000',
      '\uFFFF',
      '\u{10000}',
      '\u{1F600}',
    ]
    for (const [i, a] of ordered.entries())
      for (const [j, b] of ordered.entries()) expect(Math.sign(compareText(a, b))).toBe(Math.sign(i - j))
    fc.assert(
      fc.property(valuesOf('text'), valuesOf('text'), (a, b) => {
        expect(Math.sign(compareText(a as string, b as string)) + 0).toBe(Math.sign(twin(a, b)) + 0)
      }),
    )
  })
})

describe('opaque values', () => {
  it('that are comparable have one order', () => {
    const ordered = [
      false,
      true,
      Number.NEGATIVE_INFINITY,
      -1n,
      0,
      2n,
      2.5,
      Number.POSITIVE_INFINITY,
      Number.NaN,
      'a',
      'b',
    ]
    const values = [...ordered, new Date(1), new Date(2), null]
    for (const [i, a] of values.entries())
      for (const [j, b] of values.entries()) expect(Math.sign(compareValues(a, b))).toBe(Math.sign(i - j))
    expect([compareValues(0, -0), compareValues(1, 1n), compareValues(null, undefined)]).toEqual([0, 0, 0])
    const column = new AnyColumn([3, null, 'x', 1n, true])
    expect([...sortPermutation([column], [], 5)]).toEqual([4, 3, 0, 2, 1])
    expect([...sortPermutation([column], ['descending'], 5)]).toEqual([2, 0, 3, 4, 1])
  })

  it('that are not are refused', () => {
    expect(() => sortPermutation([new AnyColumn([{}, {}])], [], 2)).toThrow('invalid value to sort by: an object')
    expect(() => compareValues(Symbol('s'), 1)).toThrow('invalid value to sort by: a symbol')
  })
})

describe('columns of different kinds', () => {
  const int = new Int32Column(Int32Array.of(1, 2))
  const double = new DoubleColumn(Float64Array.of(1, 2.5))

  it('compare if both are numbers', () => {
    expect([0, 1].map(i => compareRows([int], [double])(i, i))).toEqual([0, -1])
    expect([0, 1].map(i => equalRows([double], [int])(i, i))).toEqual([true, false])
  })

  it('are refused otherwise', () => {
    const text: Column = new DictionaryColumn(Int32Array.of(0), new Dictionary(['1']))
    expect(() => compareRows([int], [text])).toThrow('invalid comparison: int32 with dictionary')
    expect(() => equalRows([int, int], [text])).toThrow('invalid comparison: 2 columns with 1')
  })
})
