/**
 * Random rows and random text through the CSV reader, in random chunks: what was written is read back; and any text is
 * split as papaparse splits it.
 */
import { Readable } from 'node:stream'
import type { Schema } from '@millrace/algebra'
import type { ReaderContext } from '@millrace/runtime'
import { any, bigint, boolean, double, int32, schemaOf, text, timestamp } from '@millrace/runtime'
import { batchOf, ManualHost } from '@millrace/testing/contracts'
import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { ByteInput } from '../byte-input.ts'
import { BEGINNING } from '../byte-position.ts'
import { ByteReader } from '../byte-reader.ts'
import { UTC } from '../parse/zone.ts'
import { ByteSink } from '../sink/byte-sink.ts'
import { CsvEncoder } from './csv-encoder.ts'
import { CsvParser } from './csv-parser.ts'

interface Read {
  readonly rows: unknown[]
  readonly rejected: string[]
}

/** Reads content in chunks of the given sizes, over and over, at most `maxRows` at a time. */
async function read(
  content: Uint8Array,
  schema: Schema,
  header: readonly string[] | undefined,
  chunks: readonly number[],
  maxRows: number,
): Promise<Read> {
  const parts: Uint8Array[] = []
  for (let at = 0, i = 0; at < content.length; at += chunks[i++ % chunks.length]!)
    parts.push(Buffer.from(content.subarray(at, at + chunks[i % chunks.length]!)))
  const rejected: string[] = []
  let wake = () => {}
  const context: ReaderContext = {
    host: new ManualHost(),
    schema,
    predicates: [],
    wake: () => wake(),
    reject: row => rejected.push(row.message),
  }
  const declared = schema.fields.map(f => f.name)
  const spec = { file: 'x', delimiter: 44, nullText: new Uint8Array(0), zone: UTC, maxRowBytes: 1 << 20 }
  const parser = new CsvParser({ ...spec, header, declared, validate: undefined }, { byte: 0, line: 0 }, context)
  const stream = Readable.from(parts, { objectMode: false, highWaterMark: 1 })
  const reader = new ByteReader(new ByteInput([stream], 0, context.wake, error => error), parser, 'a.csv', BEGINNING)
  const rows: unknown[] = []
  for (;;) {
    const woken = new Promise<void>(resolve => (wake = resolve))
    const polled = reader.poll(maxRows)
    if (polled === 'end') break
    if (polled === 'wait') await woken
    else for (let i = 0; i < polled.length; i++) rows.push(polled.row(i))
  }
  await reader.close()
  return { rows, rejected }
}

const chunks = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 5 })
const maxRows = fc.integer({ min: 1, max: 4 })
const fragment = fc.constantFrom('a', 'Ä', '😀', ',', '"', '""', '\n', '\r\n', '\r', ' ', '1', '')
const columns = {
  i: int32,
  d: double.nullable(),
  l: bigint,
  b: boolean,
  t: text.nullable(),
  s: text,
  w: timestamp,
  x: any,
}
const words = fc.array(fragment, { maxLength: 5 }).map(parts => parts.join(''))
const row = fc.record({
  i: fc.integer(),
  d: fc.option(fc.double()),
  l: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  b: fc.boolean(),
  t: fc.option(words),
  s: fc.oneof(words, fc.string({ unit: 'grapheme' })),
  w: fc.integer({ min: -8.64e15, max: 8.64e15 }),
  x: fc.option(words),
})

describe('csv', () => {
  it('reads back what it wrote, in any chunks', async () => {
    const schema = schemaOf(columns)
    const layout = { label: 'x', delimiter: 44, nullText: '', header: true, changelog: false }
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 6 }), chunks, maxRows, async (rows, chunks, maxRows) => {
        const out = new ByteSink()
        const encoder = new CsvEncoder(layout, schema)
        encoder.begin(out)
        encoder.encode(batchOf(schema, rows), out)
        expect(await read(out.take(), schema, undefined, chunks, maxRows)).toEqual({ rows, rejected: [] })
      }),
      { numRuns: 300 },
    )
  })
  it('splits any text as papaparse does', async () => {
    const names = ['a', 'b', 'c']
    const schema = schemaOf({ a: text, b: text, c: text })
    const field = fc.oneof(
      fc.array(fc.constantFrom('a', 'Ä', ' ', '😀', 'x"y'), { maxLength: 3 }).map(parts => parts.join('')),
      words.map(word => `"${word.replaceAll('"', '""')}"`),
    )
    const line = fc.array(field, { minLength: 1, maxLength: 4 }).map(fields => fields.join(','))
    const content = fc.tuple(fc.array(line, { maxLength: 5 }), fc.constantFrom('\n', '\r\n'), fc.boolean())
    await fc.assert(
      fc.asyncProperty(content, chunks, maxRows, async ([lines, newline, last], chunks, maxRows) => {
        const content = lines.join(newline) + (last ? newline : '')
        const parsed = Papa.parse<string[]>(content, { delimiter: ',', newline, skipEmptyLines: false }).data
        const expected = parsed.filter(fields => fields.length === 3)
        const blank = lines.filter(line => line === '').length
        const got = await read(Buffer.from(content), schema, names, chunks, maxRows)
        expect(got.rows).toEqual(expected.map(([a, b, c]) => ({ a, b, c })))
        expect(got.rejected.length).toBe(lines.length - expected.length - blank)
      }),
      { numRuns: 500 },
    )
  })
  it('reads any bytes without failing otherwise than by rejecting rows', async () => {
    const schema = schemaOf({ a: int32, b: text.nullable() })
    const bytes = fc.uint8Array({ maxLength: 60 }).map(bytes => bytes.map(b => [10, 13, 34, 44, b, b, b][b % 7]!))
    await fc.assert(
      fc.asyncProperty(bytes, chunks, chunks, async (bytes, some, others) => {
        const safe = bytes[0]! >= 0xef ? bytes.subarray(3) : bytes // a byte-order mark is another matter
        const got = await read(safe, schema, ['a', 'b'], some, 3)
        expect(await read(safe, schema, ['a', 'b'], others, 1)).toEqual(got)
      }),
      { numRuns: 500 },
    )
  })
})
