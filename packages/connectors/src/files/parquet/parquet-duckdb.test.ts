/** DuckDB as the oracle: it reads what Millrace writes, and Millrace reads what it writes, in every codec and type. */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { bigint, boolean, double, int32, schemaOf, text, timestamp } from '@millrace/runtime'
import { batchOf, readSource, readSplit, ScratchFolder, splitContext, writeToSink } from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { parquet } from './parquet.ts'

const scratch = new ScratchFolder()
const flights = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data/flights-3m.parquet')
const duckdb = DuckDBInstance.create(':memory:', { threads: '1' }).then(instance => instance.connect())

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const reader = await (await duckdb).runAndReadAll(sql)
  return reader
    .getRowObjectsJS()
    .map(row =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, value instanceof Date ? value.getTime() : value]),
      ),
    )
}

/** Rows with runs, repetitions, absent values and values that do not repeat. */
const TABLE = `select
  i::integer as id,
  case when i % 7 = 0 then null else (i * 1000003)::bigint end as big,
  (i % 5)::integer as few,
  case when i // 400 % 2 = 0 then null else i / 8.0::double end as ratio,
  (i % 3 = 0) as good,
  case when i % 11 < 3 then null else 'text ' || (i % 40) end as repeated,
  'Ä😀 ' || i || repeat('x', (i % 50)::integer) as own,
  timestamp_ms '2001-01-01 00:00:00' + interval (i) minute as ms,
  timestamp '2001-01-01 00:00:00.000001' + interval (i) second as us,
  timestamp_ns '1969-12-31 23:59:59.999999' + interval (i) day as ns,
  timestamptz '2001-01-01 00:00:00+02' + interval (i) hour as zoned,
  date '1969-12-01' + i::integer as day,
  (i - 300)::tinyint as tiny,
  (i * 4000000)::uinteger as unsigned,
  null::integer as nothing
from range(500) r(i)`
const declared = {
  id: int32,
  big: bigint.nullable(),
  few: double,
  ratio: double.nullable(),
  good: boolean,
  repeated: text.nullable(),
  own: text,
  ms: timestamp,
  us: timestamp,
  ns: timestamp,
  zoned: timestamp,
  day: timestamp,
  tiny: int32,
  unsigned: double,
  nothing: int32.nullable(),
}

describe('files of DuckDB', () => {
  const table = TABLE.replace('(i - 300)::tinyint', '((i % 200) - 100)::tinyint').replace('i * 4000000', 'i * 8000000')
  it.each([
    ['snappy', 1],
    ['zstd', 1],
    ['gzip', 2],
    ['brotli', 1],
    ['lz4_raw', 2],
    ['uncompressed', 2],
  ])('compressed by %s, version %i', async (codec, version) => {
    const path = scratch.fresh('duck.parquet')
    const options = `format parquet, codec '${codec}', parquet_version v${version}, row_group_size 300`
    await query(`copy (${table}) to '${path}' (${options})`)
    const expected = await query(
      `select * replace (epoch_ms(us) + 0.001 as us, epoch_us(ns::timestamp) / 1000.0 as ns) from (${table})`,
    )
    const { rows } = await readSource(parquet(path, declared))
    expect(rows).toHaveLength(500)
    for (const [i, row] of (rows as Record<string, unknown>[]).entries()) {
      const { us, ns, ...others } = row
      const { us: expectedUs, ns: expectedNs, ...expectedOthers } = expected[i]!
      expect(others).toEqual(expectedOthers)
      expect(us).toBeCloseTo(Number(expectedUs), 3)
      expect(ns).toBeCloseTo(Number(expectedNs), 3)
    }
  })
  it('of Polars, read in the middle', async () => {
    const expected = await query(`select * from '${flights}' limit 1500 offset 272000`)
    const source = parquet(flights)
    const [split] = await source.splits(splitContext())
    const { rows } = await readSplit(source, { ...split!, offset: 272_000 }, { limit: 1500 })
    expect(rows).toEqual(expected)
    expect(source.schema).toEqual(
      schemaOf({
        date: timestamp.nullable(),
        delay: bigint.nullable(),
        distance: bigint.nullable(),
        origin: text.nullable(),
        destination: text.nullable(),
      }),
    )
  })
  it('with times of a clock in no zone', async () => {
    const path = scratch.fresh('local.parquet')
    await query(`copy (select timestamp '2021-07-01 12:00:00' as at) to '${path}' (format parquet)`)
    const read = async (timezone: string) => (await readSource(parquet(path, { at: timestamp }, { timezone }))).rows
    expect(await read('UTC')).toEqual([{ at: Date.UTC(2021, 6, 1, 12) }])
    expect(await read('Europe/Berlin')).toEqual([{ at: Date.UTC(2021, 6, 1, 10) }])
  })
})

describe('DuckDB', () => {
  it.each(['snappy', 'gzip', 'none'] as const)('reads what is written, compressed by %s', async compression => {
    const columns = {
      id: int32,
      ratio: double.nullable(),
      big: bigint.nullable(),
      good: boolean.nullable(),
      repeated: text.nullable(),
      own: text,
      at: timestamp.nullable(),
      nothing: text.nullable(),
    }
    const schema = schemaOf(columns)
    const rows = Array.from({ length: 1000 }, (_, i) => ({
      id: i * 1_000_003,
      ratio: i % 7 === 0 ? null : i / 8,
      big: i % 5 === 0 ? null : BigInt(i) << 50n,
      good: [true, false, null][i % 3]!,
      repeated: i % 4 === 0 ? null : `Ä ${i % 40}`,
      own: `${i} ${'x'.repeat(i % 30)}`,
      at: i < 300 ? null : i * 86_400_000 - 1e9,
      nothing: null,
    }))
    const path = scratch.fresh('ours.parquet')
    const batches = [0, 1, 2, 3].map(k => batchOf(schema, rows.slice(k * 250, k * 250 + 250)))
    await writeToSink(parquet(path, undefined, { compression, rowGroupRows: 400 }), schema, batches)
    expect(await query(`select * from '${path}'`)).toEqual(rows)
    // statistics must not make it leave rows out
    const predicates: [string, (row: (typeof rows)[number]) => boolean][] = [
      ['id = 999 * 1000003', row => row.id === 999 * 1_000_003],
      ['ratio >= 124.5', row => row.ratio !== null && row.ratio >= 124.5],
      ['good is null', row => row.good === null],
      ["repeated = 'Ä 39'", row => row.repeated === 'Ä 39'],
      ["repeated < 'Ä 1'", row => row.repeated !== null && row.repeated < 'Ä 1'],
      ['"at" > make_timestamptz(85327200000000000)', row => row.at !== null && row.at > 85_327_200_000_000],
    ]
    for (const [sql, matches] of predicates)
      expect(await query(`select count(*)::integer as n from '${path}' where ${sql}`)).toEqual([
        { n: rows.filter(matches).length },
      ])
  })
})
