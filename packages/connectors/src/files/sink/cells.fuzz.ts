/** Values as they are written to CSV and JSON Lines, against JavaScript's own text of them. */
import { type DataType, Schema, typeOf } from '@millrace/algebra'
import { batchOf } from '@millrace/testing/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CsvEncoder } from '../csv/csv-encoder.ts'
import { JsonEncoder } from '../json-lines/json-encoder.ts'
import { ByteSink } from './byte-sink.ts'

const decimal = fc.tuple(fc.integer(), fc.integer({ min: 0, max: 6 })).map(([n, places]) => n / 10 ** places)
const double = fc.oneof(fc.double(), decimal, fc.maxSafeInteger(), fc.integer({ min: -10_001, max: 10_001 }))
const word = fc.string({
  unit: fc.constantFrom('a', 'Ä', '한', '😀', '"', '\\', '\n', '\r', ',', '\u2028', '\u0001', ' '),
})
const time = fc.oneof(fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.integer(), fc.constant(8.64e15))
const iso = (ms: number) => new Date(ms).toISOString()
const csvText = (text: string) => (/[",\n\r]|^$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

/** Per type some values, and their text in JSON and in CSV. */
const types: { [K in DataType['kind']]?: [fc.Arbitrary<unknown>, (value: never) => string, (value: never) => string] } =
  {
    int32: [fc.integer(), String, String],
    double: [
      double,
      (value: number) =>
        Object.is(value, -0) ? '-0' : Number.isFinite(value) ? JSON.stringify(value) : JSON.stringify(String(value)),
      (value: number) => (Object.is(value, -0) ? '-0' : String(value)),
    ],
    bigint: [
      fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.maxSafeInteger().map(BigInt)),
      (value: bigint) => (Number.isSafeInteger(Number(value)) ? String(value) : `"${value}"`),
      String,
    ],
    timestamp: [time, (value: number) => `"${iso(value)}"`, iso],
    boolean: [fc.boolean(), String, String],
    text: [word, JSON.stringify, csvText],
  }

describe.each(Object.entries(types))('%s', (kind, [values, json, csv]) => {
  const fields = ['a', '"Ä"'].map(name => ({ name, type: typeOf[kind as keyof typeof types], nullable: true }))
  const schema = Schema.record(fields)
  it('is written as JavaScript says it', () => {
    const jsonLines = new JsonEncoder(schema, false)
    const layout = { label: 'x', delimiter: 44, nullText: '', header: false, changelog: false }
    const encoder = new CsvEncoder(layout, schema)
    fc.assert(
      fc.property(fc.array(fc.tuple(values, fc.option(values)), { maxLength: 20 }), pairs => {
        const batch = batchOf(
          schema,
          pairs.map(([a, b]) => ({ a, '"Ä"': b })),
        ) // prettier-ignore
        const text = (encode: (out: ByteSink) => void) => {
          const out = new ByteSink()
          encode(out)
          return Buffer.from(out.take()).toString()
        }
        expect(text(out => jsonLines.encode(batch, out))).toBe(
          pairs
            .map(([a, b]) => `{"a":${json(a as never)},"\\"Ä\\"":${b === null ? null : json(b as never)}}\n`)
            .join(''),
        )
        expect(text(out => encoder.encode(batch, out))).toBe(
          pairs.map(([a, b]) => `${csv(a as never)},${b === null ? '' : csv(b as never)}\n`).join(''),
        )
      }),
      { numRuns: 300 },
    )
  })
})

it('texts of plain UTF-8 are written like those of a dictionary', () => {
  const schema = Schema.record([{ name: 'a', type: typeOf.text, nullable: true }])
  const texts = Array.from({ length: 3000 }, (_, i) => (i % 7 === 0 ? null : `${'"Ä,\nx'[i % 6] ?? ''}${i}`))
  const batch = batchOf(
    schema,
    texts.map(a => ({ a })),
  ) // prettier-ignore
  expect(batch.columns[0]!.kind).toBe('utf8')
  const out = new ByteSink()
  new JsonEncoder(schema, false).encode(batch, out)
  expect(Buffer.from(out.take()).toString()).toBe(texts.map(a => `${JSON.stringify({ a })}\n`).join(''))
  const layout = { label: 'x', delimiter: 44, nullText: '17', header: false, changelog: false }
  new CsvEncoder(layout, schema).encode(batch, out)
  const field = (a: string | null) => (a === null ? '17' : a === '17' ? '"17"' : csvText(a))
  expect(Buffer.from(out.take()).toString()).toBe(texts.map(a => `${field(a)}\n`).join(''))
})
