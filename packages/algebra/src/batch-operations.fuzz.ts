/** gather, compact, slice, concat and the builder against arrays of plain rows. */
import { batches, rowsOf, type Sample, schemas } from '@millrace/testing/batches'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batch } from './batch.ts'
import { BatchBuilder } from './builder.ts'
import { compact } from './compact.ts'
import { concat } from './concat.ts'
import { gather } from './gather.ts'
import { Schema } from './schema.ts'
import { slice } from './slice.ts'

const sample: fc.Arbitrary<Sample> = schemas().chain(schema => batches(schema))
const samples = fc
  .tuple(schemas(), fc.boolean())
  .chain(([schema, times]) => fc.array(batches(schema, { times }), { maxLength: 4 }).map(list => ({ schema, list })))

/** Every buffer that the batch's columns, weights and times lie in; dictionaries may be shared. */
function buffers(batch: Batch): ArrayBufferLike[] {
  const arrays = [batch.weights, batch.times, batch.selection, ...batch.columns.flatMap(c => Object.values(c))]
  return arrays.filter(array => ArrayBuffer.isView(array)).map(array => array.buffer)
}

describe('batch operations equal those on arrays of rows', () => {
  it('the sample itself', () => {
    fc.assert(
      fc.property(sample, ({ batch, rows }) => {
        expect(rowsOf(batch)).toEqual(rows)
      }),
    )
  })

  it('compact', () => {
    fc.assert(
      fc.property(sample, ({ batch, rows }) => {
        const copy = compact(batch)
        expect(rowsOf(copy)).toEqual(rows)
        expect(copy.selection).toBeNull()
        const old = new Set(buffers(batch))
        for (const buffer of buffers(copy)) expect(old.has(buffer) && buffer.byteLength > 0).toBe(false)
      }),
    )
  })

  it('slice', () => {
    fc.assert(
      fc.property(
        sample,
        fc.integer({ min: -2, max: 22 }),
        fc.integer({ min: -2, max: 22 }),
        ({ batch, rows }, a, b) => {
          expect(rowsOf(slice(batch, a, b))).toEqual(rows.slice(Math.max(a, 0), Math.max(a, b, 0)))
          expect(rowsOf(slice(batch, a))).toEqual(rows.slice(Math.max(a, 0)))
        },
      ),
    )
  })

  it('concat', () => {
    fc.assert(
      fc.property(samples, ({ schema, list }) => {
        const all = concat(
          list.map(({ batch }) => batch),
          schema,
        )
        const anyWeights = list.some(({ batch }) => batch.weights !== null && batch.length > 0)
        expect(rowsOf(all)).toEqual(list.flatMap(({ rows }) => rows))
        expect(all.weights !== null).toBe(anyWeights)
      }),
    )
  })

  it('gather', () => {
    const picks = sample.chain(s => {
      const physical = s.batch.selection === null ? s.batch.length : 0
      return fc.array(fc.integer({ min: -1, max: physical - 1 }), { maxLength: 20 }).map(indices => ({ s, indices }))
    })
    fc.assert(
      fc.property(picks, ({ s, indices }) => {
        const index = Int32Array.from([...indices, 99])
        const columns = s.batch.columns.map(column => gather(column, index, indices.length))
        const got = rowsOf(new Batch(s.batch.schema, columns, indices.length)).map(row => row.values)
        const none = s.batch.columns.map(() => null)
        expect(got).toEqual(indices.map(i => (i < 0 ? none : s.rows[i].values)))
      }),
    )
  })

  it('builder, over several batches and with rows that fail', () => {
    fc.assert(
      fc.property(samples, fc.boolean(), ({ schema, list }, take) => {
        const builder = new BatchBuilder(schema, 4)
        const taken: Batch[] = []
        for (const { rows } of list) {
          for (const { values, weight, time } of rows) {
            const entries = schema.fields.map((f, c) => [f.name, values[c]])
            builder.append(schema.bare ? values[0] : Object.fromEntries(entries), weight, time)
            expect(() => builder.append(schema.bare ? values[0] : {}, 0.5)).toThrow()
          }
          expect(rowsOf(builder.build())).toEqual(rows)
          if (take) taken.push(builder.take())
          else builder.clear()
        }
        taken.forEach((batch, i) => {
          expect(rowsOf(batch)).toEqual(list[i].rows)
        })
      }),
    )
  })
})

describe('concat', () => {
  const text = Schema.bare('text', true)
  const build = (values: readonly unknown[]) => {
    const builder = new BatchBuilder(text)
    for (const value of values) builder.append(value)
    return builder.take()
  }
  const unique = Array.from({ length: 1500 }, (_, i) => `unique ${i}`)

  it('keeps a dictionary that all share, merges different ones, and mixes kinds into UTF-8', () => {
    const shared = build(['a', 'b', null])
    expect(concat([shared, shared.select(Int32Array.of(1), 1)], text).columns[0]).toMatchObject({
      kind: 'dictionary',
      dictionary: shared.columns[0].kind === 'dictionary' && shared.columns[0].dictionary,
    })
    const merged = concat([shared.select(Int32Array.of(1, 2), 2), build(['c', 'b'])], text)
    expect(merged.columns[0]).toMatchObject({ kind: 'dictionary', dictionary: { values: ['b', 'c'] } })
    expect(rowsOf(merged).flatMap(row => row.values)).toEqual(['b', null, 'c', 'b'])
    const plain = build(unique)
    expect(plain.columns[0].kind).toBe('utf8')
    const mixed = concat([shared, plain, shared], text)
    expect(mixed.columns[0].kind).toBe('utf8')
    expect(rowsOf(mixed).flatMap(row => row.values)).toEqual(['a', 'b', null, ...unique, 'a', 'b', null])
  })

  it('refuses columns that are not of the schema, and times on some rows only', () => {
    const ints = new BatchBuilder(Schema.bare('int32'))
    ints.append(1)
    expect(() => concat([build(['a']), ints.build()], text)).toThrow(
      'invalid columns for text "value": dictionary, int32',
    )
    expect(() => concat([ints.build()], Schema.record([]))).toThrow('invalid batch: 1 columns instead of 0')
    const timed = new BatchBuilder(Schema.bare('int32'))
    timed.append(1, 1, 5)
    expect(() => concat([ints.build(), timed.build()], ints.schema)).toThrow('missing times')
  })

  it('of nothing is empty', () => {
    expect(concat([], Schema.record([])).length).toBe(0)
    expect(concat([build([])], text)).toMatchObject({ length: 0, columns: [{ kind: 'dictionary' }] })
  })
})

describe('compact', () => {
  it('does not pin a heap for a few rows, nor multiply what rows share', () => {
    const long = 'x'.repeat(1_000)
    const builder = new BatchBuilder(Schema.bare('text'))
    for (let i = 0; i < 1500; i++) builder.append(`${i} ${long}`)
    const column = builder.build().columns[0]
    if (column.kind !== 'utf8') throw new Error('expected UTF-8')
    const few = compact(new Batch(builder.schema, [column], 2, Int32Array.of(3, 1400))).columns[0]
    if (few.kind !== 'utf8') throw new Error('expected UTF-8')
    expect(few.heap.byteLength).toBe(4 * (251 + 252))
    const same = gather(column, new Int32Array(1000).fill(7), 1000)
    const many = compact(new Batch(builder.schema, [same], 1000)).columns[0]
    if (many.kind !== 'utf8') throw new Error('expected UTF-8')
    expect(many.heap.byteLength).toBe(4 * 251)
    expect(many.get(999)).toBe(`7 ${long}`)
  })
})
