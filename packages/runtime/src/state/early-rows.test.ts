/** Rows copied early: as they were, whatever becomes of the arrays they came from, and however many there are. */
import { Batch, BigintColumn, BooleanColumn, DoubleColumn, field, Int32Column, Schema } from '@millrace/algebra'
import { rowsOf } from '@millrace/testing/batches'
import { expect, test } from 'vitest'
import { EarlyRows, isPlain } from './early-rows.ts'

const schema = Schema.record([field('i', 'int32'), field('d', 'double'), field('b', 'bigint'), field('f', 'boolean')])

function batchFrom(from: number, length: number): Batch {
  const numbers = Array.from({ length: length + 3 }, (_, i) => from + i) // columns may be longer than their batch
  const columns = [
    new Int32Column(Int32Array.from(numbers)),
    new DoubleColumn(Float64Array.from(numbers, n => n / 2)),
    new BigintColumn(BigInt64Array.from(numbers, BigInt)),
    new BooleanColumn(Uint8Array.from(numbers, n => n % 2)),
  ]
  return new Batch(schema, columns, length)
}

test('batches one behind the other, past the first room, and again after they were taken', () => {
  const rows = new EarlyRows(batchFrom(0, 1))
  for (const first of [0, 50_000]) {
    for (let from = first; from < first + 30_000; from += 1000) {
      const lent = batchFrom(from, 1000)
      rows.append(lent)
      for (const { values } of lent.columns as unknown as { values: { fill(value: unknown): void } }[])
        values.fill(values instanceof BigInt64Array ? 0n : 0)
    }
    expect(rows.length).toBe(30_000)
    expect(rowsOf(rows.take(4000))).toEqual(rowsOf(batchFrom(first + 26_000, 4000)))
    expect(rowsOf(rows.take(Number.POSITIVE_INFINITY))).toEqual(rowsOf(batchFrom(first, 26_000)))
    expect(rows.length).toBe(0)
  }
})

test('only numbers and flags without nulls, in their order, are plain', () => {
  const batch = batchFrom(0, 2)
  expect(isPlain(batch)).toBe(true)
  expect(isPlain(new Batch(schema, batch.columns, 2, Int32Array.of(1, 0)))).toBe(false)
  const [first, ...others] = batch.columns
  const nullable = new Int32Column((first as Int32Column).values, Uint8Array.of(1))
  expect(isPlain(new Batch(schema, [nullable, ...others], 2))).toBe(false)
})
