import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { Schema } from '@millrace/algebra'
import { call, column, literal } from '@millrace/plan'
import { any, bigint, boolean, type Columns, double, int32, row, schemaOf, text, timestamp } from '@millrace/runtime'
import {
  batchOf,
  namesIn,
  openWriter,
  readSource,
  readSplit,
  ScratchFolder,
  sinkContract,
  sourceContract,
  splitContext,
  writeBatch,
  writeToSink,
} from '@millrace/testing/contracts'
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type ParquetOptions, parquet } from './parquet.ts'

const scratch = new ScratchFolder()
const flights = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/flights-3m.parquet')
const columns = {
  id: int32,
  ratio: double.nullable(),
  big: bigint,
  good: boolean.nullable(),
  name: text.nullable(),
  code: text,
  at: timestamp,
}
const schema = schemaOf(columns)
const rows = Array.from({ length: 23 }, (_, i) => ({
  id: i - 5,
  ratio: [null, Number.NaN, -0, 1.5, Number.NEGATIVE_INFINITY][i % 5]!,
  big: (i % 2 === 0 ? 1n : -1n) * (2n ** 62n + BigInt(i)),
  good: [true, false, null][i % 3]!,
  name: i % 4 === 0 ? null : `näme ${i}`,
  code: ['a', 'b', ''][i % 3]!,
  at: 1_000_000_000_000.5 + i * 86_400_123,
}))

/** A file with row groups of five rows. */
const file = scratch.fresh('a.parquet')
const written = writeToSink(parquet(file, undefined, { rowGroupRows: 5 }), schema, batches(rows, 5))
function batches(rows: readonly unknown[], size: number) {
  return Array.from({ length: Math.ceil(rows.length / size) }, (_, i) =>
    batchOf(schema, rows.slice(i * size, (i + 1) * size)),
  )
}

sourceContract('parquet', {
  async source() {
    await written
    return parquet(file)
  },
  rows: [rows],
  folder: scratch.path,
  missing: () => parquet(`${scratch.path}/none.parquet`),
})
sinkContract('parquet', {
  schema,
  rows,
  keepsBack: 'a single file appears whole, at the end',
  target() {
    const path = scratch.fresh('out.parquet')
    return {
      sink: parquet(path, undefined, { rowGroupRows: 4 }),
      another: () => parquet(path, undefined, { rowGroupRows: 4 }),
      rows: async () => (existsSync(path) ? (await readSource(parquet(path))).rows : []),
      leftovers: async () => namesIn(dirname(path)).filter(name => name !== 'out.parquet'),
    }
  },
})

sinkContract('parquet in a folder', {
  schema,
  rows,
  target() {
    const folder = `${scratch.fresh('out')}/`
    const isPart = (name: string) => /^part-\d+(-\d+)?\.parquet$/.test(name)
    return {
      sink: parquet(folder),
      another: () => parquet(folder),
      rows: async () => (namesIn(folder).some(isPart) ? (await readSource(parquet(folder))).rows : []),
      leftovers: async () => namesIn(folder).filter(name => !isPart(name)),
    }
  },
})

const readWith = async (path: string, columns?: Columns, options: ParquetOptions = {}) =>
  readSource(parquet(path, columns as Columns, options))

describe('parquet as a source', () => {
  it('reads columns as they are declared, checking values', async () => {
    const declared = parquet(flights, { delay: int32, distance: double, origin: text })
    const [split] = await declared.splits(splitContext())
    const read = await readSplit(declared, split!, { limit: 3 })
    const natural = await readSplit(parquet(flights), split!, { limit: 3 })
    expect(read.rows).toEqual(
      (natural.rows as { delay: bigint; distance: bigint; origin: string }[]).map(({ delay, distance, origin }) => ({
        delay: Number(delay),
        distance: Number(distance),
        origin,
      })),
    )
    expect(parquet(flights, row({ delay: int32 })).schema).toEqual(schemaOf({ delay: int32 }))
  })
  it('says which value does not fit, and in which row', async () => {
    const path = scratch.fresh('b.parquet')
    const given = schemaOf({ n: bigint.nullable(), t: text.nullable() })
    const values = [1n, 2n ** 31n, null, -(2n ** 31n), 2n ** 53n + 1n]
    const rows = values.map((n, i) => ({ n, t: i === 3 ? null : 'x' }))
    await writeToSink(parquet(path, undefined, { rowGroupRows: 2 }), given, [
      batchOf(given, rows.slice(0, 2)),
      batchOf(given, rows.slice(2)),
    ])
    await expect(readWith(path, { n: int32.nullable() })).rejects.toMatchObject({
      code: 'INVALID_ROW',
      message: 'invalid int32: 2147483648',
      details: { at: `${path}: row 2 (column "n")` },
    })
    const asInt = await readWith(path, { n: int32, t: text }, { onError: 'skip' })
    expect(asInt.rows).toEqual([{ n: 1, t: 'x' }])
    expect(asInt.rejected.map(r => [r.at.slice(path.length), r.message])).toEqual([
      [': row 2 (column "n")', 'invalid int32: 2147483648'],
      [': row 3 (column "n")', 'missing int32'],
      [': row 4 (column "t")', 'missing text'],
      [': row 5 (column "n")', 'invalid int32: 9007199254740993'],
    ])
    const asDouble = await readWith(path, { n: double.nullable() }, { onError: 'skip' })
    expect(asDouble.rows).toEqual([{ n: 1 }, { n: 2 ** 31 }, { n: null }, { n: -(2 ** 31) }])
    expect(asDouble.rejected[0]?.message).toBe('invalid double: 9007199254740993 (a double cannot hold it exactly)')
  })
  it('says what is wrong with the columns declared', async () => {
    await written
    await expect(readWith(file, { nome: text })).rejects.toThrow('missing column: "nome" (known: id, ratio, big')
    await expect(readWith(file, { name: int32 })).rejects.toThrow(
      'invalid type of column "name": BYTE_ARRAY STRING (declared: int32)',
    )
    await expect(readWith(file, { name: any })).rejects.toThrow('(declared: any)')
    expect(() => parquet(file, z.object({}) as never)).toThrow('Parquet has columns of its own')
    expect(() => parquet(file, undefined, { rowGroupRows: 0 })).toThrow('invalid rowGroupRows: 0')
    expect(() => parquet(file, undefined, { compression: 'lz4' as 'none' })).toThrow('invalid compression: "lz4"')
    expect(() => parquet(file, undefined, { codec: 'none' } as object)).toThrow('unknown option: codec')
  })
  it('leaves out columns that it does not know only if told so', async () => {
    const path = scratch.file(
      'c.parquet',
      Buffer.from(
        parquetWriteBuffer({
          columnData: [
            { name: 'a', data: Int32Array.of(1, 2), type: 'INT32' },
            { name: 'u', data: [new Uint8Array(16), new Uint8Array(16)], type: 'UUID' },
            { name: 'raw', data: [new Uint8Array([97]), new Uint8Array([0xff])], type: 'BYTE_ARRAY' },
          ],
        }),
      ),
    )
    expect(() => parquet(path).schema).toThrow('invalid type of column "u": FIXED_LEN_BYTE_ARRAY UUID')
    expect((await readWith(path, { a: int32 })).rows).toEqual([{ a: 1 }, { a: 2 }])
    const { rows, rejected } = await readWith(path, { raw: text }, { onError: 'skip' })
    expect(rows).toEqual([{ raw: 'a' }])
    expect(rejected[0]?.message).toBe('invalid text: "\ufffd" (not UTF-8)')
  })
  it('passes over row groups that cannot hold what is asked for', async () => {
    const path = scratch.fresh('g.parquet')
    const given = schemaOf({ at: timestamp, n: int32 })
    const rows = Array.from({ length: 20 }, (_, i) => ({ at: i * 1000 + 0.5, n: i }))
    const parts = [0, 1].map(half => batchOf(given, rows.slice(half * 10, half * 10 + 10)))
    await writeToSink(parquet(path, undefined, { rowGroupRows: 10, compression: 'gzip' }), given, parts)
    const damaged = readFileSync(path)
    damaged.fill(0, Math.floor(damaged.indexOf('at') / 2), damaged.indexOf('at') - 30) // in the second group
    const source = parquet(scratch.file('h.parquet', damaged))
    const where = (operation: 'lt' | 'gt', value: number) => {
      const predicates = [call(operation, [column(given, 'at'), literal(value)])]
      return source.splits(splitContext()).then(([split]) => readSplit(source, split!, { predicates }))
    }
    expect((await where('lt', 3000)).rows).toEqual(rows.slice(0, 3))
    await expect(where('gt', 3000)).rejects.toThrow(/^invalid Parquet file: .* of row group 2/)
    expect((await where('gt', 1e9)).rows).toEqual([])
  })
  it('refuses files that are damaged', async () => {
    await written
    const whole = readFileSync(file)
    const bad = (bytes: Uint8Array) => readWith(scratch.file('d.parquet', bytes))
    for (const length of [0, 4, 100, whole.length - 1])
      await expect(bad(whole.subarray(0, length))).rejects.toThrow(/^invalid Parquet file: .* \(it is no Parquet file/)
    await expect(bad(Buffer.from('PAR1\xff\xff\xff\x7fPAR1', 'latin1'))).rejects.toThrow('its footer is damaged')
    await expect(bad(Buffer.from('PAR1\x03\0\0\0PARE', 'latin1'))).rejects.toThrow('it is encrypted')
    for (let at = 4; at < 200; at += 7) {
      const changed = Buffer.from(whole)
      changed[at] = changed[at]! ^ 0x55
      const result = await bad(changed).catch(error => error)
      if (result instanceof Error) expect(result.message).toMatch(/^(invalid|missing)/)
    }
  })
})

describe('parquet as a sink', () => {
  const write = async (schema: Schema, rows: readonly unknown[], options: ParquetOptions = {}, weights?: number[]) => {
    const path = scratch.fresh('w.parquet')
    await writeToSink(parquet(path, undefined, options), schema, [batchOf(schema, rows, weights)])
    return path
  }
  it('reads back what it wrote, in every compression', async () => {
    for (const compression of ['snappy', 'gzip', 'none'] as const)
      expect((await readWith(await write(schema, rows, { compression }))).rows).toEqual(rows)
    const path = scratch.fresh('z.parquet')
    const zstd = openWriter(parquet(path, undefined, { compression: 'zstd' }), schema)
    if ('zstdCompressSync' in (await import('node:zlib'))) await (await zstd).writer.abort()
    else await expect(zstd).rejects.toThrow('zstd cannot be written by Node')
  })
  it('writes text that repeats and text that does not', async () => {
    const schema = schemaOf({ few: text, many: text.nullable(), none: int32.nullable() })
    const rows = Array.from({ length: 3000 }, (_, i) => ({
      few: `Ä ${i % 7}`,
      many: i % 3 === 0 ? null : `${i} ${'x'.repeat(i % 900)}`,
      none: null,
    }))
    for (const rowGroupRows of [777, 100_000]) {
      const path = scratch.fresh('t.parquet')
      const parts = Array.from({ length: 30 }, (_, i) => batchOf(schema, rows.slice(i * 100, i * 100 + 100)))
      await writeToSink(parquet(path, undefined, { rowGroupRows }), schema, parts)
      expect((await readWith(path)).rows).toEqual(rows)
      expect(await parquetReadObjects({ file: await asyncBufferFromFile(path) })).toEqual(rows)
    }
  })
  it('writes nothing but columns', async () => {
    await expect(write(Schema.opaque, [{}])).rejects.toThrow('missing columns to write')
    await expect(write(schemaOf({ a: any }), [{ a: 1 }])).rejects.toThrow('invalid type of column "a" to write: any')
    await expect(write(schemaOf({ a: text }), [{ a: '\ud800' }])).rejects.toThrow('invalid text')
    const path = scratch.fresh('o.parquet')
    await writeToSink(parquet(path, { a: int32 }), Schema.opaque, [batchOf(Schema.opaque, [{ a: 1, b: 2 }])])
    expect((await readWith(path)).rows).toEqual([{ a: 1 }])
  })
  it('shows rows that come and go only as a changelog', async () => {
    const schema = schemaOf({ a: text })
    const rows = [{ a: 'x' }, { a: 'y' }]
    expect((await readWith(await write(schema, rows, {}, [2, 1]))).rows).toEqual([{ a: 'x' }, { a: 'x' }, { a: 'y' }])
    await expect(write(schema, rows, {}, [1, -1])).rejects.toThrow('it is a deletion')
    expect((await readWith(await write(schema, rows, { changelog: true }, [2, -1]))).rows).toEqual([
      { a: 'x', weight: 2 },
      { a: 'y', weight: -1 },
    ])
    expect((await readWith(await write(schema, rows, { changelog: true }))).rows).toHaveLength(2)
  })
  it('is not ready while a row group is written', async () => {
    const path = scratch.fresh('r.parquet')
    const open = await openWriter(parquet(path, undefined, { rowGroupRows: 10 }), schema)
    open.writer.write(batchOf(schema, rows))
    expect(open.writer.ready).toBe(false)
    await writeBatch(open, batchOf(schema, rows))
    await open.writer.abort()
    expect(namesIn(dirname(path))).toEqual([])
  })
})
