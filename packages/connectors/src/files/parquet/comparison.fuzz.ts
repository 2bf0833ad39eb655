/** Conditions applied while reading, against the plan's evaluator over all rows; and statistics that must not hide any. */
import type { Field, Schema } from '@millrace/algebra'
import { call, column, type Expression, evaluate, literal } from '@millrace/plan'
import { bigint, boolean, double, int32, schemaOf, text, timestamp } from '@millrace/runtime'
import { batchOf, readSplit, ScratchFolder, splitContext, writeToSink } from '@millrace/testing/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparisonOf } from './comparison.ts'
import { parquet } from './parquet.ts'

const scratch = new ScratchFolder()
const schema = schemaOf({
  i: int32,
  d: double.nullable(),
  l: bigint.nullable(),
  t: text.nullable(),
  at: timestamp,
  b: boolean,
})
const texts = fc.constantFrom('', 'a', 'b', 'ab', '\uffff', '😀', 'Ä'.repeat(20))
const doubles = fc.constantFrom(-1.5, -0, 0, 2, Number.POSITIVE_INFINITY, Number.NaN)
const row = fc.record({
  i: fc.integer({ min: -3, max: 3 }),
  d: fc.option(doubles),
  l: fc.option(fc.constantFrom(0n, -1n, 2n ** 62n)),
  t: fc.option(texts),
  at: fc.constantFrom(0, 0.5, 1000, -1),
  b: fc.boolean(),
})
const values: Record<string, fc.Arbitrary<string | number | bigint | boolean>> = {
  i: fc.constantFrom(-3, 0, 0.5, 3, 4),
  d: doubles.filter(d => !Number.isNaN(d)),
  l: fc.constantFrom(0n, 1n, 2n ** 62n),
  t: texts,
  at: fc.constantFrom(0, 0.25, 1000, -2),
  b: fc.boolean(),
}
const condition = fc
  .constantFrom(...schema.fields)
  .chain(f => fc.tuple(fc.constant(f), fc.constantFrom('eq', 'lt', 'le', 'gt', 'ge'), values[f.name]!, fc.boolean()))
  .map(([f, operation, value, mirrored]) => comparison(f, operation as 'eq', value, mirrored))

function comparison(
  { name }: Field,
  operation: 'eq',
  value: string | number | bigint | boolean,
  mirrored: boolean,
): Expression {
  const operands = [column(schema, name), literal(value)]
  return call(operation, mirrored ? operands.reverse() : operands)
}

async function read(path: string, predicates: readonly Expression[], schema: Schema): Promise<unknown[]> {
  const source = parquet(path)
  const [split] = await source.splits(splitContext())
  return (await readSplit(source, split!, { predicates, schema, maxRows: 5 })).rows
}

describe('conditions', () => {
  it('keep the rows for which they are true, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 25 }),
        fc.array(condition, { minLength: 1, maxLength: 2 }),
        fc.constantFrom(...schema.fields),
        async (rows, conditions, wanted) => {
          const path = scratch.fresh('c.parquet')
          const parts = Array.from({ length: Math.ceil(rows.length / 4) }, (_, i) =>
            batchOf(schema, rows.slice(i * 4, i * 4 + 4)),
          )
          await writeToSink(parquet(path, undefined, { rowGroupRows: 4 }), schema, parts)
          const expected = rows.filter(row => conditions.every(c => evaluate(c, name => row[name as 'i']) === true))
          expect(await read(path, conditions, schema)).toEqual(expected)
          const only: Schema = { fields: [wanted], bare: false }
          expect(await read(path, conditions, only)).toEqual(
            expected.map(row => ({ [wanted.name]: row[wanted.name as 'i'] })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })
  it('are comparisons of a column with a literal only', () => {
    const [i, d] = [column(schema, 'i'), column(schema, 'd')]
    const accepts = (e: Expression) => parquet('x').accepts?.(e)
    expect(accepts(call('lt', [i, literal(1)]))).toBe(true)
    expect(comparisonOf(call('lt', [literal(1), i]))).toMatchObject({ operation: 'gt', value: 1 })
    for (const other of [
      call('ne', [i, literal(1)]),
      call('lt', [i, d]),
      call('lt', [i, literal(null)]),
      call('lt', [i, literal(Number.NaN)]),
      i,
    ])
      expect(accepts(other)).toBe(false)
  })
})
