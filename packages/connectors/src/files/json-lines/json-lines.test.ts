import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Schema } from '@millrace/algebra'
import {
  any,
  bigint,
  boolean,
  type Columns,
  double,
  int32,
  type RowsArgument,
  schemaOf,
  text,
  timestamp,
} from '@millrace/runtime'
import {
  batchOf,
  contentOf,
  namesIn,
  readSource,
  ScratchFolder,
  sinkContract,
  sourceContract,
  writeToSink,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type JsonLinesOptions, jsonLines } from './json-lines.ts'

const scratch = new ScratchFolder()
const columns = {
  id: int32,
  ratio: double.nullable(),
  big: bigint,
  good: boolean,
  name: text.nullable(),
  at: timestamp,
  extra: any,
}
const rows = Array.from({ length: 15 }, (_, i) => ({
  id: i - 5,
  ratio: [null, Number.NaN, Number.POSITIVE_INFINITY, -0, 1.5][i % 5]!,
  big: i % 2 === 0 ? BigInt(i) : -(2n ** 62n) - BigInt(i),
  good: i % 3 === 0,
  name: [null, '', '\u2028"\\', 'Ä😀', '\ud800 half'][i % 5]!,
  at: 1_000_000_000_000 + i * 86_400_123,
  extra: i % 4 === 0 ? null : { deep: [i, `${i}`, null], t: true },
}))
const objects = rows.map(({ id, extra }) => ({ id, extra, text: 'x'.repeat(id + 5) }))
const schema = schemaOf(columns)
const content = objects.map(row => JSON.stringify(row)).join('\r\n')
const plain = scratch.file('a.jsonl', `\n${content}\n \n`)
const gzipped = scratch.file('a.jsonl.gz', gzipSync(content))
const contract = { rows: [objects], folder: scratch.path, missing: () => jsonLines(`${scratch.path}/none.jsonl`) }
sourceContract('json lines', { ...contract, source: () => jsonLines(plain) })
sourceContract('json lines with columns', {
  ...contract,
  source: () => jsonLines(gzipped, { id: int32, extra: any, text: text }),
})
for (const declared of [undefined, columns])
  sinkContract(declared === undefined ? 'json lines of columns' : 'json lines of objects', {
    schema: declared === undefined ? schema : Schema.opaque,
    rows,
    keepsBack: 'a single file appears whole, at the end',
    target() {
      const path = scratch.fresh('out.jsonl')
      const make = () => (declared === undefined ? jsonLines(path) : jsonLines(path, declared))
      return {
        sink: make(),
        another: make,
        rows: async () => (existsSync(path) ? (await readSource(jsonLines(path, columns))).rows : []),
        leftovers: async () => namesIn(dirname(path)).filter(name => name !== 'out.jsonl'),
      }
    },
  })

async function read(content: string | Uint8Array, columns?: RowsArgument, options: JsonLinesOptions = {}) {
  return readSource(jsonLines(scratch.file('x.jsonl', content), columns as Columns, options))
}
const values = async (content: string, columns: Columns, options: JsonLinesOptions = {}) =>
  (await read(content, columns, options)).rows.map(row => Object.values(row as object)[0])

describe('json lines as a source', () => {
  it('reads any values where nothing is declared', async () => {
    expect((await read('1\n"a"\nnull\n[]\n{"__proto__":1}\n\n  \n\ufefftrue'.replace('\ufeff', ''))).rows).toEqual([
      1,
      'a',
      null,
      [],
      JSON.parse('{"__proto__":1}'),
      true,
    ])
    expect((await read('\ufeff1')).rows).toEqual([1])
    expect((await read('')).rows).toEqual([])
  })
  it('reads each type', async () => {
    const lines = (values: unknown[]) =>
      values.map(v => `{"a":${typeof v === 'bigint' ? v : JSON.stringify(v)}}`).join('\n')
    expect(await values(lines([1, -2147483648]), { a: int32 })).toEqual([1, -2147483648])
    expect(await values(lines([1.5, 'NaN', '-Infinity', 2 ** 60]), { a: double })).toEqual([
      1.5,
      Number.NaN,
      -Infinity,
      2 ** 60,
    ])
    expect(await values(lines([1, '-5', 2n ** 60n, 2n ** 63n - 1n, `${-(2n ** 63n)}`]), { a: bigint })).toEqual([
      1n,
      -5n,
      2n ** 60n,
      2n ** 63n - 1n,
      -(2n ** 63n),
    ])
    expect(await values(lines(['1970-01-01T00:00:01.25Z', '1970-01-01T00:00:01,25Z']), { a: timestamp })).toEqual([
      1250, 1250,
    ])
    expect(await values(lines(['1970-01-02', '1970-01-01T00:00:01Z', 7.5]), { a: timestamp })).toEqual([
      86_400_000, 1000, 7.5,
    ])
    expect(await values(lines(['2021-01-01']), { a: timestamp }, { timezone: 'Asia/Tokyo' })).toEqual([
      Date.UTC(2020, 11, 31, 15),
    ])
    expect(await values('{"a":null}\n{}\n{"a":{"b":[1]}}', { a: any })).toEqual([null, null, { b: [1] }])
    expect(await values('{"b":1}\n{"toString":"x"}', { toString: text.nullable() })).toEqual([null, 'x'])
  })
  it('gives rows to a validator', async () => {
    const person = z.object({ name: z.string(), tags: z.array(z.string()).default([]) })
    expect((await read('{"name":"ann"}', person)).rows).toEqual([{ name: 'ann', tags: [] }])
    await expect(read('{"name":"ann"}\n{"name":"b","tags":["x",7]}', person)).rejects.toMatchObject({
      message: expect.stringMatching(/^invalid row: tags\[1\]: /),
      details: { at: expect.stringMatching(/x\.jsonl:2:1$/) },
    })
  })
  it('gives columns where the validator tells its types', async () => {
    const person = z.object({ name: z.string().trim(), age: z.int().nullable(), tags: z.array(z.string()).default([]) })
    const content = '{"name":" ann ","age":3}\n{"name":"bob","age":null,"tags":["x"],"more":1}'
    const source = jsonLines(scratch.file('x.jsonl', content), person)
    expect(source.schema).toEqual(schemaOf({ name: text, age: double.nullable(), tags: any }))
    expect((await readSource(source)).rows).toEqual([
      { name: 'ann', age: 3, tags: [] },
      { name: 'bob', age: null, tags: ['x'] },
    ])
    const lying = { ...person['~standard'], validate: (value: unknown) => ({ value }) }
    await expect(read('{"name":"a","age":1}\n{"age":2, "name":7}', { '~standard': lying })).rejects.toMatchObject({
      message: 'invalid text: 7',
      details: { at: expect.stringMatching(/x\.jsonl:2:18 \(column "name"\)$/) },
    })
  })
  it('reads more rows than a batch and more texts than a dictionary takes', async () => {
    const row = (i: number) => ({ a: `${i} \n Ä`, b: i % 3 === 0 ? null : i % 7, c: i % 2 === 0 })
    const lines = Array.from({ length: 5000 }, (_, i) => JSON.stringify(i % 1000 === 999 ? { a: i } : row(i)))
    const options = { onError: 'skip' } as const
    const given = await read(lines.join('\n'), { a: text, b: int32.nullable(), c: boolean }, options)
    expect(given.rows).toEqual(Array.from({ length: 5000 }, (_, i) => row(i)).filter((_, i) => i % 1000 !== 999))
    expect(given.rejected.map(r => r.at.split(':').slice(1).join(':'))).toEqual(
      [1, 2, 3, 4, 5].map(n => `${n * 1000}:6 (column "a")`),
    )
  })
  it('reads lines longer than what is read ahead', async () => {
    const long = { a: 'é'.repeat(300_000), b: '1234567890123456' }
    expect((await read(`${JSON.stringify(long)}\n${JSON.stringify(long)}`)).rows).toEqual([long, long])
    await expect(read(JSON.stringify(long), undefined, { maxRowBytes: 1000 })).rejects.toThrow('longer than 1000 bytes')
  })
})

describe('what is wrong in a json line', () => {
  it.each([
    ['{"a":1}\n{"a":1.5}', 'x.jsonl:2:6 (column "a") invalid int32: 1.5'],
    ['{"b":{"a":2}, "a" : "1"}', 'x.jsonl:1:21 (column "a") invalid int32: "1"'],
    ['{"b":"Ä😀","a":[1]}', 'x.jsonl:1:16 (column "a") invalid int32: an array of 1'],
    ['{"b":1}', 'x.jsonl:1:1 (column "a") missing int32'],
    ['{"a":null}', 'x.jsonl:1:6 (column "a") missing int32'],
    ['[1]', 'x.jsonl:1:1 invalid object with a property a column: an array of 1'],
    ['null', 'x.jsonl:1:1 missing object with a property a column'],
    ['{"a":1,}', 'x.jsonl:1:8 invalid JSON: unexpected "}"'],
    ['{"a":1', 'x.jsonl:1:7 invalid JSON: it ends too early'],
    ['{"a":1} x', 'x.jsonl:1:9 invalid JSON: unexpected "x"'],
    ['{"a":"\u0001"}', 'x.jsonl:1:7 invalid JSON: unexpected "\\u0001"'],
    ['{"a":"\\x"}', 'x.jsonl:1:8 invalid JSON: unexpected "x"'],
    ['{"a":"\\u00g"}', 'x.jsonl:1:11 invalid JSON: unexpected "g"'],
    ['{a:1}', 'x.jsonl:1:2 invalid JSON: unexpected "a"'],
    ['{"a" 1}', 'x.jsonl:1:6 invalid JSON: unexpected "1"'],
    ['{"a":01}', 'x.jsonl:1:7 invalid JSON: unexpected "1"'],
    ['{"a":tru}', 'x.jsonl:1:6 invalid JSON: unexpected "t"'],
    ['{"a":9007199254740993}', 'x.jsonl:1:6 invalid number: 9007199254740993 (a double cannot hold it exactly)'],
    ['{"a":1,"b":9007199254740993}\n{}', 'x.jsonl:2:1 (column "a") missing int32'],
  ])('%j', async (content, expected) => {
    const error = await read(content, { a: int32 }).then(
      () => undefined,
      reason => reason,
    )
    expect(`${error?.details?.at?.replace(/^.*\//, '')} ${error?.message}`).toBe(expected)
  })
  it('a number that JavaScript cannot hold, wherever it is', async () => {
    await expect(read('{"a":[{"b":-9007199254740993}]}')).rejects.toThrow('invalid number: -9007199254740993')
    await expect(read('[1e999]')).rejects.toThrow('invalid number: 1e999 (too large)')
    await expect(read('{"a":9007199254740993}', { a: any })).rejects.toThrow('invalid number')
    await expect(read('{"a":9007199254740993}', { a: double })).rejects.toThrow('invalid number')
    await expect(read('{"a":{"a":9007199254740993}}', { a: bigint })).rejects.toThrow('invalid number')
    await expect(read('{"a":9223372036854775808}', { a: bigint })).rejects.toThrow(
      'invalid bigint: 9223372036854775808n',
    )
    await expect(read('{"a":1.5}', { a: bigint })).rejects.toThrow('invalid bigint: 1.5')
    expect(
      (await read('[1152921504606847000, 9007199254740992, 0.12345678901234567, "9007199254740993"]')).rows,
    ).toEqual([[2 ** 60, 2 ** 53, Number('0.12345678901234567'), '9007199254740993']])
    for (const loose of ['tomorrow', 'Jan 2, 2021', '2021/01/02', '1/2/2021', '2021-01-02T03:04:05;5Z'])
      await expect(read(`{"a":"${loose}"}`, { a: timestamp })).rejects.toThrow(`invalid timestamp: "${loose}"`)
  })
  it('is left out if told so', async () => {
    const content = Buffer.from('{"a":1}\n{"a":\n{"a":"\xff"}\n{"a":4}\n', 'latin1')
    const { rows, rejected } = await read(content, { a: int32 }, { onError: 'skip' })
    expect(rows).toEqual([{ a: 1 }, { a: 4 }])
    expect(rejected.map(r => [r.at.replace(/^.*\//, ''), r.message, r.text])).toEqual([
      ['x.jsonl:2:6', 'invalid JSON: it ends too early', '{"a":'],
      ['x.jsonl:3:1', 'invalid text: not UTF-8', '{"a":"\ufffd"}'],
    ])
  })
})

describe('json lines as a sink', () => {
  const write = async (
    sink: (path: string) => ReturnType<typeof jsonLines>,
    schema: Schema,
    rows: unknown[],
    weights?: number[],
  ) => {
    const path = scratch.fresh('w.jsonl')
    await writeToSink(sink(path), schema, [batchOf(schema, rows, weights)])
    return contentOf(path)
  }
  it('writes columns', async () => {
    expect(await write(jsonLines, schema, rows.slice(0, 2))).toBe(
      '{"id":-5,"ratio":null,"big":0,"good":true,"name":null,"at":"2001-09-09T01:46:40.000Z","extra":null}\n' +
        '{"id":-4,"ratio":"NaN","big":"-4611686018427387905","good":false,"name":"","at":"2001-09-10T01:46:40.123Z",' +
        '"extra":{"deep":[1,"1",null],"t":true}}\n',
    )
    expect(await write(jsonLines, Schema.bare('text'), ['a"b', 'c'])).toBe('"a\\"b"\n"c"\n')
    const many = Array.from({ length: 3000 }, (_, i) => `${i} "quoted" Ä \ud800`) // no dictionary any more
    expect(await write(jsonLines, Schema.bare('text'), many)).toBe(`${many.map(v => JSON.stringify(v)).join('\n')}\n`)
  })
  it('writes any values without losing anything silently', async () => {
    const opaque = (...rows: unknown[]) => write(jsonLines, Schema.opaque, rows)
    expect(await opaque({ a: 1, b: undefined }, null, 'x', [undefined, Number.NaN, -0, 5n, 2n ** 60n])).toBe(
      '{"a":1}\nnull\n"x"\n[null,"NaN",-0,5,"1152921504606846976"]\n',
    )
    expect(await opaque({ at: new Date(5), own: { toJSON: () => ({ x: 1n }) } })).toBe(
      '{"at":"1970-01-01T00:00:00.005Z","own":{"x":1}}\n',
    )
    expect(await opaque(JSON.parse('{"__proto__":{"a":1}}'))).toBe('{"__proto__":{"a":1}}\n')
    await expect(opaque({ a: [new Map()] })).rejects.toThrow('invalid value to write at a[0]: a Map')
    await expect(opaque({ f: { g: () => 1 } })).rejects.toThrow('invalid value to write at f.g: a function')
    await expect(opaque({ s: Symbol('s') })).rejects.toThrow('at s: a symbol')
    await expect(opaque({ d: new Date(Number.NaN) })).rejects.toThrow('at d: an invalid Date')
    const circle: { self?: unknown } = {}
    circle.self = circle
    await expect(opaque(circle)).rejects.toThrow('nested deeper than 1000')
  })
  it('shows rows that come and go only as a changelog', async () => {
    const changelog = (path: string) => jsonLines(path, undefined, { changelog: true }) as never
    expect(await write(changelog, schemaOf({ a: int32 }), [{ a: 1 }, { a: 1 }], [1, -1])).toBe(
      '{"a":1,"weight":1}\n{"a":1,"weight":-1}\n',
    )
    expect(await write(changelog, Schema.opaque, [{ b: 1 }, {}, [2]], [1, 2, 3])).toBe(
      '{"b":1,"weight":1}\n{"weight":2}\n{"value":[2],"weight":3}\n',
    )
    expect(await write(changelog, Schema.bare('text'), ['x'], [-1])).toBe('{"value":"x","weight":-1}\n')
    await expect(write(changelog, Schema.opaque, [{ weight: 1 }])).rejects.toThrow('it has a property "weight"')
    await expect(write(jsonLines, Schema.opaque, [1], [-1])).rejects.toThrow('it is a deletion')
  })
})
