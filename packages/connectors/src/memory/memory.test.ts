import { Schema } from '@millrace/algebra'
import { bigint, double, int32, schemaOf, text, timestamp } from '@millrace/runtime'
import {
  batchOf,
  openWriter,
  readSource,
  recoverSink,
  SinkRun,
  sinkContract,
  sourceContract,
  writeBatch,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fromBatches } from './batches-source.ts'
import { memorySink } from './memory-sink.ts'
import { fromRows } from './rows-source.ts'

const columns = { name: text, amount: double.nullable(), big: bigint, at: timestamp }
const rows = Array.from({ length: 11 }, (_, i) => ({
  name: `name ${i % 3}`,
  amount: i === 4 ? null : i / 2,
  big: BigInt(i) << 50n,
  at: i * 1000,
}))

sourceContract('rows in memory', { source: () => fromRows(rows), rows: [rows] })
sourceContract('rows with columns', { source: () => fromRows(rows, columns), rows: [rows] })
sourceContract('rows in splits', {
  source: () => fromRows(rows, columns, { splits: 3 }),
  rows: [rows.slice(0, 3), rows.slice(3, 7), rows.slice(7)],
})
sourceContract('more splits than rows', { source: () => fromRows([7], undefined, { splits: 2 }), rows: [[], [7]] })
const schema = schemaOf(columns)
sourceContract('batches', {
  source: () =>
    fromBatches(schema, [batchOf(schema, rows.slice(0, 5)), batchOf(schema, []), batchOf(schema, rows.slice(5))]),
  rows: [rows],
})

describe('fromRows', () => {
  it('takes any iterable', async () => {
    expect((await readSource(fromRows(new Set([1, 2])))).rows).toEqual([1, 2])
  })
  it('travels as columns where columns are declared, opaque otherwise', () => {
    expect(fromRows(rows, columns).schema).toEqual(schema)
    expect(fromRows(rows).schema).toBe(Schema.opaque)
  })
  it('refuses a row that does not fit, and says where', async () => {
    const wrong = fromRows([{ a: 1 }, { a: 1.5 }], { a: int32 })
    await expect(readSource(wrong)).rejects.toMatchObject({
      code: 'INVALID_ROW',
      message: 'invalid int32: 1.5',
      details: { at: 'rows:2 (column "a")' },
    })
    const absent = fromRows([{} as { a: number }], { a: int32 })
    await expect(readSource(absent)).rejects.toThrow('missing int32')
  })
  it('skips rows that do not fit if told so', async () => {
    const source = fromRows([{ a: 1 }, { a: 1.5 }, { a: 3 }], { a: int32 }, { onError: 'skip' })
    const { rows, rejected } = await readSource(source, { maxRows: 1 })
    expect(rows).toEqual([{ a: 1 }, { a: 3 }])
    expect(rejected).toHaveLength(1)
  })
  it('gives what a validator returns', async () => {
    const schema = z.object({ a: z.string().transform(Number) })
    expect((await readSource(fromRows([{ a: '1' }, { a: '2' }], schema))).rows).toEqual([{ a: 1 }, { a: 2 }])
    await expect(readSource(fromRows([{ a: '1' }, { a: 2 }], schema))).rejects.toMatchObject({
      message: expect.stringMatching(/^invalid row: a: /),
      details: { at: 'rows:2' },
    })
  })
  it('refuses splits that cannot be', () => {
    expect(() => fromRows([], undefined, { splits: 0 })).toThrow('invalid splits: 0')
  })
})

describe('fromBatches', () => {
  it('keeps weights, times and selections', async () => {
    const schema = Schema.bare('int32')
    const batch = batchOf(schema, [1, 2, 3, 4], [1, -1, 2, 1]).select(Int32Array.of(1, 2), 2)
    const source = fromBatches(schema, [batch])
    expect((await readSource(source, { maxRows: 1 })).rows).toEqual([2, 3])
  })
  it('refuses batches of another schema', () => {
    expect(() => fromBatches(Schema.bare('text'), [batchOf(Schema.bare('int32'), [1])])).toThrow('invalid batch')
  })
})

sinkContract('memory', {
  target() {
    const sink = memorySink()
    return { sink, rows: async () => sink.rows(), leftovers: async () => [] }
  },
  schema,
  rows,
})

describe('memorySink', () => {
  it('has all rows of the checkpoint in a process that goes on from it', async () => {
    const schema = Schema.bare('text')
    const options = { schema, jobId: 'job', parallelism: 1 }
    const before = memorySink<string>()
    const run = await SinkRun.begin(() => before, options)
    await run.write(['a', 'b'])
    await before.commit((await run.checkpoint()).handles)
    await run.write(['c'])
    const from = await run.checkpoint()
    await run.write(['never'])
    const sink = memorySink<string>()
    await recoverSink(sink, 'job', from)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    expect(sink.rows()).toEqual(['a', 'b', 'c'])
    await again.write(['d'])
    await sink.commit((await again.checkpoint(true)).handles)
    expect(sink.rows()).toEqual(['a', 'b', 'c', 'd'])
  })
  it('shows a bounded result at its end, also where it began in another process', async () => {
    const options = { schema: Schema.bare('text'), jobId: 'job', parallelism: 1, collection: 'bounded' } as const
    const run = await SinkRun.begin(() => memorySink<string>(), options)
    await run.write(['a'])
    const from = await run.checkpoint()
    const sink = memorySink<string>()
    await recoverSink(sink, 'job', from, false)
    const again = await SinkRun.begin(() => sink, { ...options, from })
    await again.write(['b'])
    const { handles } = await again.checkpoint(true)
    expect(sink.rows()).toEqual([])
    await sink.commit([...from.handles, ...handles])
    expect(sink.rows()).toEqual(['a', 'b'])
  })
  it('counts what came and went', async () => {
    const schema = Schema.bare('text')
    const sink = memorySink<string>()
    const open = await openWriter(sink, schema, { collection: 'updating' })
    await writeBatch(open, batchOf(schema, ['a', 'b', 'a'], [2, 1, -1]))
    await sink.commit(await open.writer.prepareCommit())
    expect(sink.changes).toEqual([
      { row: 'a', weight: 2 },
      { row: 'b', weight: 1 },
      { row: 'a', weight: -1 },
    ])
    expect(sink.rows()).toEqual(['a', 'b'])
  })
})
