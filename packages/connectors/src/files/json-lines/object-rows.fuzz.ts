/**
 * Lines of JSON in every form, some of them spoilt, into columns: what is read is what `JSON.parse` makes of each line, and
 * what it refuses, or what does not fit, is rejected. Whole and in random chunks.
 */
import { Readable } from 'node:stream'
import { any, bigint, boolean, double, int32, type ReaderContext, schemaOf, text, timestamp } from '@millrace/runtime'
import { ManualHost } from '@millrace/testing/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteInput } from '../byte-input.ts'
import { BEGINNING } from '../byte-position.ts'
import { ByteReader } from '../byte-reader.ts'
import { UTC } from '../parse/zone.ts'
import { JsonParser } from './json-parser.ts'

const columns = {
  i: int32,
  d: double.nullable(),
  b: bigint.nullable(),
  t: text,
  flag: boolean.nullable(),
  'at Ä"\\': timestamp.nullable(),
  x: any,
}
const schema = schemaOf(columns)
const BAD = Symbol('bad')

/** A fraction begins with a point or a comma (ISO 8601:2004, 4.2.2.4). */
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)[.,](\d+)Z?$/

function time(value: string): unknown {
  const [, whole, fraction] = ISO.exec(value) ?? []
  const parsed = /^0+$/.test(value) ? 0 : Date.parse(`${whole}.${fraction}Z`)
  return Number.isNaN(parsed) ? BAD : parsed
}

/** What a column makes of a value, by the documentation of `jsonLines`. */
const take: Record<keyof typeof columns, (value: unknown) => unknown> = {
  i: value => (typeof value === 'number' && (value | 0) === value ? value | 0 : BAD),
  d: value => (typeof value === 'number' ? value : value === 'NaN' ? Number.NaN : BAD),
  b: value => (/^-?\d{1,18}$/.test(String(value)) ? BigInt(value as string) : BAD),
  t: value => (typeof value === 'string' ? value : BAD),
  flag: value => (typeof value === 'boolean' ? value : BAD),
  'at Ä"\\': value => (typeof value === 'number' ? value : typeof value === 'string' ? time(value) : BAD),
  x: value => value,
}

/** The row of a line; undefined if it is to be rejected. */
function twin(line: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const record = value as Record<string, unknown>
  const row = schema.fields.map(({ name, nullable }): [string, unknown] => {
    const absent = record[name] === undefined || record[name] === null
    return [name, absent ? (nullable ? null : BAD) : take[name as keyof typeof columns](record[name])]
  })
  return row.some(([, made]) => made === BAD) ? undefined : Object.fromEntries(row)
}

async function read(lines: string, chunks: readonly number[], maxRows: number) {
  const content = Buffer.from(lines)
  const parts: Uint8Array[] = []
  for (let at = 0, i = 0; at < content.length; at += chunks[i++ % chunks.length]!)
    parts.push(Buffer.from(content.subarray(at, at + chunks[i % chunks.length]!)))
  const rejected: string[] = []
  let wake = () => {}
  const reject: ReaderContext['reject'] = row => rejected.push(row.text)
  const context: ReaderContext = { host: new ManualHost(), schema, predicates: [], wake: () => wake(), reject }
  const spec = { file: 'x', maxRowBytes: 1 << 20, zone: UTC, validate: undefined }
  const stream = Readable.from(parts, { objectMode: false, highWaterMark: 1 })
  const input = new ByteInput([stream], 0, context.wake, error => error)
  const reader = new ByteReader(input, new JsonParser(spec, BEGINNING, context), 'a.jsonl', BEGINNING)
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

const space = fc.constantFrom('', '', '', ' ', '\t', '\r', ' \t ')
const word = fc.string({
  unit: fc.constantFrom('a', 'Ä', '😀', '"', '\\', '\n', '\u2028', '\ud800', '/', '0'),
  maxLength: 5,
})
/** A string in JSON, with more escapes than it needs. */
const quoted = (inner: fc.Arbitrary<string>) =>
  fc.tuple(inner, fc.integer({ min: 0, max: 5 })).map(([value, plain]) => {
    const units = [...Array(value.length).keys()].map(i => value[i]!)
    const hex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
    return plain > 0 ? JSON.stringify(value) : `"${units.map(hex).join('')}"`
  })
const integer = fc.oneof(
  fc.integer(),
  fc.integer({ min: -99, max: 99 }),
  fc.constantFrom(2 ** 31, -(2 ** 31), 2 ** 31 - 1),
)
const number = fc.oneof(
  integer.map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.integer({ min: 0, max: 999_999 }).map(n => (n / 1000).toFixed(3)),
  fc.constantFrom(
    '-0',
    '0',
    '1e3',
    '1.5E-7',
    '12345678901234567e-3',
    '0.1234567890123456',
    '00',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
  ),
)
const long = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })
const nested = fc.json({ maxDepth: 2 }).filter(json => !/\d{16}|e\+?\d{3}/.test(json))
const value: Record<string, fc.Arbitrary<string>> = {
  i: integer.map(String),
  d: fc.oneof(number, fc.constant('"NaN"')),
  b: fc.oneof(
    long.filter(n => n < 2n ** 53n && n > -(2n ** 53n)).map(String),
    long.map(n => `"${n}"`),
  ),
  t: quoted(word),
  flag: fc.constantFrom('true', 'false'),
  'at Ä"\\': fc.oneof(
    fc
      .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-01-01') })
      .map(d => `"${d.toISOString()}"`),
    fc.integer().map(String),
  ),
  x: nested,
}
const odd = fc.oneof(number, quoted(word), nested, fc.constantFrom('null', 'true', 'nul', 'tru', '', '{', '"', '\\'))
const names = Object.keys(columns)
const member = fc
  .tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 11 }))
  .chain(([name, kind]) =>
    fc.tuple(fc.constant(name), kind === 0 ? odd : kind === 1 ? fc.constant('null') : value[name]!),
  )
const other = fc.tuple(word, fc.oneof(nested, number))
/** All columns in order, with a few more members, in any order, twice. */
const members = fc
  .tuple(
    fc.tuple(...names.map(name => value[name]!)),
    fc.array(fc.oneof(member, other), { maxLength: 2 }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([values, more, cut]) => {
    const all = [...values.map((one, c): [string, string] => [names[c]!, one]), ...more]
    return cut > 6 ? all.reverse() : cut > 4 ? all.slice(1) : all
  })
const line = fc
  .tuple(
    members,
    space,
    quoted(fc.constant('t')),
    fc.integer({ min: 0, max: 200 }),
    fc.constantFrom('', '"', '{', ',', '\u0001', '\\'),
  )
  .map(([all, space, t, spoilt, by]) => {
    const key = (name: string) => (name === 't' ? t : JSON.stringify(name))
    const body = all.map(([name, one]) => `${space}${key(name)}${space}:${space}${one}${space}`).join(',')
    const text = `${space}{${body}}${space}`
    return spoilt < text.length && spoilt % 4 === 0 ? text.slice(0, spoilt) + by + text.slice(spoilt + 1) : text
  })

describe('json lines into columns', () => {
  const chunks = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 5 })
  it('are what JSON.parse makes of them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 5 }),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        chunks,
        fc.integer({ min: 1, max: 4 }),
        async (lines, newline, last, chunks, maxRows) => {
          const content = lines.join(newline) + (last ? newline : '')
          const whole = content
            .split('\n')
            .map(one => one.replace(/\r$/, ''))
            .filter(one => one.trim() !== '')
          const made = whole.map(one => twin(Buffer.from(one).toString()))
          const got = await read(content, chunks, maxRows)
          expect(got.rows).toEqual(made.filter(row => row !== undefined))
          expect(got.rejected).toEqual(
            whole.filter((_, i) => made[i] === undefined).map(one => Buffer.from(one).toString()),
          )
        },
      ),
      { numRuns: 300, endOnFailure: true },
    )
  })
})
