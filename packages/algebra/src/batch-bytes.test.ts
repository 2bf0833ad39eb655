import { expect, test } from 'vitest'
import { Batch } from './batch.ts'
import { batchBytes } from './batch-bytes.ts'
import { BatchBuilder } from './builder.ts'
import { field, Schema } from './schema.ts'

test('counts what each kind of column holds of its rows, weights and times', () => {
  const bytesOf = (type: 'int32' | 'double' | 'bigint' | 'boolean' | 'any', value: unknown): number => {
    const builder = new BatchBuilder(Schema.record([field('value', type)]))
    for (let i = 0; i < 3; i++) builder.append({ value })
    return batchBytes(builder.take())
  }
  expect([bytesOf('int32', 1), bytesOf('double', 1), bytesOf('bigint', 1n)]).toEqual([12, 24, 24])
  expect([bytesOf('boolean', true), bytesOf('any', {})]).toEqual([3, 24])
  const empty = Schema.record([])
  expect(batchBytes(new Batch(empty, [], 5, null, new Int32Array(9), new Float64Array(9)))).toBe(20 + 40)
})

test('counts only the text of selected rows', () => {
  const builder = new BatchBuilder(Schema.record([field('name', 'text')]))
  for (let i = 0; i < 100; i++) builder.append({ name: `${i} `.repeat(50) })
  const batch = builder.take()
  const text = batch.columns[0]!.kind === 'utf8' ? batch : undefined
  if (text === undefined) return
  expect(batchBytes(text.select(Int32Array.of(5), 1))).toBe(8 + 100)
})

test('counts text once, where rows share it', () => {
  const builder = new BatchBuilder(Schema.record([field('name', 'text')]))
  builder.append({ name: 'a longer name than the others' })
  const short = batchBytes(builder.take())
  builder.append({ name: 'a longer name than the others'.repeat(50) })
  expect(batchBytes(builder.take())).toBeGreaterThanOrEqual(short)
})
