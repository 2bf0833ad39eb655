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
import { csv } from './csv.ts'
import type { CsvOptions } from './csv-settings.ts'

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
const rows = Array.from({ length: 17 }, (_, i) => ({
  id: i - 5,
  ratio: i % 4 === 1 ? null : i / 8,
  big: (i % 2 === 0 ? 1n : -1n) * (2n ** 62n + BigInt(i)),
  good: i % 3 === 0,
  name: [null, '', 'a,b', 'say "hi"', 'two\nlines', 'Ä😀', 'plain'][i % 7]!,
  at: 1_000_000_000_000 + i * 86_400_123,
  extra: i % 5 === 0 ? null : `x${i}`,
}))
const schema = schemaOf(columns)
const content = [
  'name,extra,unused,id,ratio,big,good,at',
  ...rows.map(r => {
    const name = r.name === null ? '' : `"${r.name.replaceAll('"', '""')}"`
    return `${name},${r.extra ?? ''},${'u'.repeat(r.id + 5)},${r.id},${r.ratio ?? ''},${r.big},${r.good},${new Date(r.at).toISOString()}`
  }),
].join('\r\n')

const contract = { rows: [rows], folder: scratch.path, missing: () => csv(`${scratch.path}/none.csv`, columns) }
const plain = scratch.file('a.csv', content)
const gzipped = scratch.file('a.csv.gz', gzipSync(content))
const headless = scratch.file('b.tsv', '1\t\n2\tx\n3\t"a\tb"')
sourceContract('csv', { ...contract, source: () => csv(plain, columns) })
sourceContract('gzipped csv', { ...contract, source: () => csv(gzipped, columns) })
sourceContract('csv without a header', {
  source: () => csv(headless, { n: int32, s: text }, { header: false, delimiter: '\t' }),
  rows: [
    [
      { n: 1, s: '' },
      { n: 2, s: 'x' },
      { n: 3, s: 'a\tb' },
    ],
  ],
})
const folder = dirname(scratch.file('1.csv', 'a,b\n1,2\n'))
sinkTo(`${folder}/2.csv`)
async function sinkTo(path: string) {
  const schema = schemaOf({ b: text, a: text })
  await writeToSink(csv(path), schema, [batchOf(schema, [{ a: '3', b: '4' }])])
}
sourceContract('a folder of csv, all text', {
  source: async () => {
    if (!existsSync(`${folder}/2.csv`)) await sinkTo(`${folder}/2.csv`)
    return csv(folder)
  },
  rows: [[{ a: '1', b: '2' }], [{ a: '3', b: '4' }]],
  missing: () => csv(`${folder}/none/`),
})
sinkContract('csv', {
  schema,
  rows,
  keepsBack: 'a single file appears whole, at the end',
  target() {
    const path = scratch.fresh('out.csv')
    return {
      sink: csv(path),
      another: () => csv(path),
      rows: async () => (existsSync(path) ? (await readSource(csv(path, columns))).rows : []),
      leftovers: async () => namesIn(dirname(path)).filter(name => name !== 'out.csv'),
    }
  },
})

async function read(content: string | Uint8Array, columns: RowsArgument, options: CsvOptions = {}) {
  return readSource(csv(scratch.file('x.csv', content), columns as Columns, options))
}
const values = async (content: string, column: Columns, options: CsvOptions = {}) =>
  (await read(content, column, options)).rows.map(row => Object.values(row as object)[0])

describe('csv as a source', () => {
  it('splits as RFC 4180 says', async () => {
    const two = { a: text, b: text }
    const both = async (content: string) => (await read(`a,b\n${content}`, two)).rows
    expect(await both('1,2\n3,4')).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ])
    expect(await both('1,2\r\n3,\r\n')).toEqual([
      { a: '1', b: '2' },
      { a: '3', b: '' },
    ])
    expect(await both('\n\r\n1,2\n\n')).toEqual([{ a: '1', b: '2' }])
    expect(await both('"1,\n""x""",""\n')).toEqual([{ a: '1,\n"x"', b: '' }])
    expect(await both('1"2, 3 ')).toEqual([{ a: '1"2', b: ' 3 ' }])
    expect(await both('"1",\r')).toEqual([{ a: '1', b: '' }])
    expect(await both('"1","2"\r\n,')).toEqual([
      { a: '1', b: '2' },
      { a: '', b: '' },
    ])
    expect((await read('\ufeff\r\n"a","b"\r\n1,2', two)).rows).toEqual([{ a: '1', b: '2' }])
    expect((await read('a,b', two)).rows).toEqual([])
  })
  it('reads rows longer than what is read ahead', async () => {
    const long = 'é"\n'.repeat(200_000)
    const content = `a,b\n"${long.replaceAll('"', '""')}",1\nx,2`
    expect((await read(content, { a: text, b: int32 })).rows).toEqual([
      { a: long, b: 1 },
      { a: 'x', b: 2 },
    ])
  })
  it('reads each type', async () => {
    expect(await values('a\n1\n-2147483648\n+7\n 8 \n"9"', { a: int32 })).toEqual([1, -2147483648, 7, 8, 9])
    expect(
      await values('a\n1\n-0\n.5\n1e3\n9007199254740992\n0.1\nNaN\n-Infinity\n123456789.12345678901', { a: double }),
    ).toEqual([
      1,
      -0,
      0.5,
      1000,
      9007199254740992,
      0.1,
      Number.NaN,
      Number.NEGATIVE_INFINITY,
      Number('123456789.12345678901'),
    ])
    expect(await values('a\n9223372036854775807\n-9223372036854775808', { a: bigint })).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
    ])
    expect(await values('a\ntrue\nFALSE\n1\n0', { a: boolean })).toEqual([true, false, true, false])
    expect(await values('a\n1970-01-02\n1970-01-01 00:00:01.5\n5', { a: timestamp })).toEqual([86_400_000, 1500, 5])
    expect(await values('a,b\n,1\nx,1', { a: any })).toEqual([null, 'x'])
  })
  it('tells absent from empty', async () => {
    const content = 'a,b\n,1\n"",2\nNA,3'
    expect(await values(content, { a: text.nullable() })).toEqual([null, '', 'NA'])
    expect(await values(content, { a: text })).toEqual(['', '', 'NA'])
    expect(await values(content, { a: text.nullable() }, { null: 'NA' })).toEqual(['', '', null])
    expect(await values('a\n1\n\n3', { a: int32.nullable() })).toEqual([1, null, 3])
    expect(await values('a\n1\n\n3', { a: int32 })).toEqual([1, 3])
  })
  it('reads times without a zone in the given one', async () => {
    const content = 'a\n2021-07-01T12:00\n2021-07-01T12:00Z'
    expect(await values(content, { a: timestamp }, { timezone: 'America/New_York' })).toEqual([
      Date.UTC(2021, 6, 1, 16),
      Date.UTC(2021, 6, 1, 12),
    ])
    expect(() => csv('x', { a: timestamp }, { timezone: 'Nowhere' })).toThrow('invalid timezone: "Nowhere"')
  })
  it('knows the columns of a file without a schema', async () => {
    const path = scratch.file('y.csv', 'b,"a ""x"""\n1,2')
    const source = csv(path)
    expect(source.schema).toEqual(schemaOf({ b: text, 'a "x"': text }))
    expect((await readSource(source)).rows).toEqual([{ b: '1', 'a "x"': '2' }])
    expect(csv(scratch.file('y.csv.gz', gzipSync(`${'long'.repeat(50_000)},b\n1,2`))).schema.fields).toHaveLength(2)
    expect(() => csv(`${path}.none`).schema).toThrow('missing file')
  })
  it('gives rows to a validator as strings', async () => {
    const person = z.object({ name: z.string(), age: z.coerce.number().int() })
    const { rows } = await read('name,age\nann,3\nbob,4', person)
    expect(rows).toEqual([
      { name: 'ann', age: 3 },
      { name: 'bob', age: 4 },
    ])
    await expect(read('name,age\nann,x', person)).rejects.toMatchObject({
      message: expect.stringMatching(/^invalid row: age: /),
      details: { at: expect.stringMatching(/x\.csv:2:1$/) },
    })
    const skipped = await read('name,age\nann,x\n"bo\nb",4\n,5.5\n', person, { onError: 'skip' })
    expect(skipped.rows).toEqual([{ name: 'bo\nb', age: 4 }])
    expect(skipped.rejected.map(r => r.text)).toEqual(['ann,x', ',5.5'])
    expect(csv('none.csv', person).schema).toEqual(schemaOf({ name: text, age: double }))
    const opaque = await read('name,age\nann,3', person.array().or(person))
    expect(opaque.rows).toEqual([{ name: 'ann', age: 3 }])
  })
  it('survives hostile column names', async () => {
    const names = ['__proto__', 'constructor', '"; drop', '*/', '']
    const header = names.map(n => `"${n.replaceAll('"', '""')}"`).join(',')
    const source = csv(scratch.file('z.csv', `${header}\n1,2,3,4,5`))
    const [row] = (await readSource(source)).rows
    expect(Object.entries(row as object)).toEqual(names.map((name, i) => [name, String(i + 1)]))
  })
})

describe('what is wrong in a csv file', () => {
  const fails = async (content: string | Uint8Array, columns: RowsArgument, options: CsvOptions = {}) => {
    const error = await read(content, columns, options).then(
      () => undefined,
      reason => reason,
    )
    return `${error?.details?.at?.replace(/^.*\//, '')} ${error?.message}`
  }
  it.each([
    ['a,b\n1,2\n3,x', 'x.csv:3:3 (column "b") invalid int32: "x"'],
    ['a,b\n"1\n1",2\n3,1.5', 'x.csv:4:3 (column "b") invalid int32: "1.5"'],
    ['a,b\n"1\n\n1",2147483648', 'x.csv:4:4 (column "b") invalid int32: "2147483648"'],
    ['a,b\nÄ😀,', 'x.csv:2:5 (column "b") missing int32'],
    ['a,b\n1', 'x.csv:2:1 invalid row: 1 fields (expected: 2)'],
    ['a,b\n1,2,3', 'x.csv:2:1 invalid row: 3 fields (expected: 2)'],
    ['a,b\n1,2\n"x', 'x.csv:3:1 missing closing quote'],
    ['a,b\n"x"y,2\n', 'x.csv:2:4 invalid row: text behind a closing quote'],
    ['a,a\n', 'x.csv:1:1 invalid header: two columns named "a"'],
    ['a,"b"c\n', 'x.csv:1:1 invalid header: text behind a closing quote'],
    ['', 'x.csv:1:1 missing header'],
    ['\n\n', 'x.csv:1:1 missing header'],
    ['a,c\n', 'x.csv:1:1 missing column: "b" (known: "a", "c")'],
    [`a,b\n${'x'.repeat(100)},${'9'.repeat(100)}`, `x.csv:2:102 (column "b") invalid int32: "${'9'.repeat(80)}…"`],
  ])('%j', async (content, expected) => {
    expect(await fails(content, { a: text, b: int32 })).toBe(expected)
  })
  it('a number that a double cannot hold', async () => {
    const column = { a: double }
    expect(await fails('a\n9007199254740993', column)).toContain(
      'invalid double: "9007199254740993" (a double cannot hold it exactly)',
    )
    expect(await fails('a\n1e999', column)).toContain('invalid double: "1e999" (too large)')
    expect(await fails('a\n1e', column)).toContain('invalid double: "1e"')
    expect(await fails('a\n9223372036854775808', { a: bigint })).toContain('invalid bigint')
    expect(await fails('a\nyes', { a: boolean })).toContain('invalid boolean: "yes"')
    expect(await fails('a\n2021-02-29', { a: timestamp })).toContain('invalid timestamp: "2021-02-29"')
  })
  it('bytes that are no UTF-8', async () => {
    const content = Buffer.from('a,b\n1,2\nx\xff,1\n', 'latin1')
    expect(await fails(content, { a: text, b: int32 })).toContain(
      'x.csv:3:1 (column "a") invalid text: "x\ufffd" (not UTF-8)',
    )
    expect(await fails(Buffer.from('\xff', 'latin1'), undefined)).toContain('not UTF-8')
  })
  it('a row that is too long', async () => {
    expect(await fails('a,b\n1,2\n12345,6', { a: text }, { maxRowBytes: 6 })).toContain(
      'x.csv:3:1 invalid row: longer than 6 bytes',
    )
    expect(await fails(`a\n"${'x'.repeat(600_000)}`, { a: text }, { maxRowBytes: 300_000 })).toContain('x.csv:2:1')
    expect(await fails('a'.repeat(600_000), undefined, { maxRowBytes: 300_000 })).toContain('x.csv:1:1')
  })
  it('a header of too many columns', async () => {
    const header = Array.from({ length: 10_001 }, (_, i) => `c${i}`).join(',')
    expect(await fails(header, undefined)).toContain('10001 columns (at most 10000)')
  })
  it('compressed data that ends too early', async () => {
    const whole = gzipSync(`a\n${Array.from({ length: 50_000 }, (_, i) => i).join('\n')}`)
    const path = scratch.file('t.csv.gz', whole.subarray(0, whole.length - 1000))
    await expect(readSource(csv(path, { a: int32 }))).rejects.toMatchObject({
      code: 'INVALID_FORMAT',
      details: { hint: 'The file ends too early: was it copied in full?' },
    })
    await expect(readSource(csv(scratch.file('t.csv.gz', 'no gzip'), { a: int32 }))).rejects.toMatchObject({
      code: 'INVALID_FORMAT',
    })
  })
  it('is left out, in the order of the rows, if told so', async () => {
    const content = 'a,b\n1,x\n2,2\n3\nx,y\n5,5\n"6'
    const { rows, rejected } = await read(content, { a: int32, b: int32 }, { onError: 'skip' })
    expect(rows).toEqual([
      { a: 2, b: 2 },
      { a: 5, b: 5 },
    ])
    expect(rejected.map(r => [r.at.replace(/^.*\//, ''), r.message, r.text])).toEqual([
      ['x.csv:2:3 (column "b")', 'invalid int32: "x"', '1,x'],
      ['x.csv:4:1', 'invalid row: 1 fields (expected: 2)', '3'],
      ['x.csv:5:1 (column "a")', 'invalid int32: "x"', 'x,y'],
      ['x.csv:7:1', 'missing closing quote', '"6'],
    ])
  })
  it('options that cannot be', () => {
    expect(() => csv('x', { a: text }, { delimiter: '||' })).toThrow('invalid delimiter: "||"')
    expect(() => csv('x', { a: text }, { null: '"' })).toThrow('invalid null')
    expect(() => csv('x', undefined, { header: false })).toThrow('missing columns')
    expect(() => csv('x', { a: text }, { heading: false } as object)).toThrow('unknown option: heading')
  })
})

describe('csv as a sink', () => {
  const write = async (
    sink: (path: string) => ReturnType<typeof csv>,
    schema: Schema,
    rows: unknown[],
    weights?: number[],
  ) => {
    const path = scratch.fresh('w.csv')
    await writeToSink(sink(path), schema, [batchOf(schema, rows, weights)])
    return contentOf(path)
  }
  it('writes every type', async () => {
    const written = await write(csv, schema, [
      { id: 1, ratio: -0, big: 2n ** 60n, good: true, name: 'a"b', at: 1.5, extra: { deep: [1n, Number.NaN] } },
      { id: -2, ratio: Number.NaN, big: -1n, good: false, name: '', at: 8.64e15, extra: 'x,y' },
      { id: 0, ratio: null, big: 0n, good: false, name: null, at: 0, extra: null },
    ])
    expect(written).toBe(
      'id,ratio,big,good,name,at,extra\n' +
        '1,-0,1152921504606846976,true,"a""b",1970-01-01T00:00:00.0015Z,"{""deep"":[1,""NaN""]}"\n' +
        '-2,NaN,-1,false,"",+275760-09-13T00:00:00.000Z,"x,y"\n' +
        '0,,0,false,,1970-01-01T00:00:00.000Z,\n',
    )
  })
  it('writes the columns that were declared, from objects or from more columns', async () => {
    const two = { name: text, id: int32 }
    const row = { id: 1, name: 'n', more: 'm' }
    expect(await write(p => csv(p, two) as never, Schema.opaque, [row])).toBe('name,id\nn,1\n')
    expect(await write(p => csv(p, two) as never, schemaOf({ id: int32, more: text, name: text }), [row])).toBe(
      'name,id\nn,1\n',
    )
    const refused = (given: Schema, row: unknown) => write(p => csv(p, two) as never, given, [row])
    await expect(refused(Schema.opaque, { id: 1.5, name: 'n' })).rejects.toThrow('invalid int32: 1.5')
    await expect(refused(schemaOf({ id: int32 }), { id: 1 })).rejects.toThrow(
      'missing column to write: "name" (known: id)',
    )
    await expect(refused(schemaOf({ id: int32.nullable(), name: text }), { id: 1, name: '' })).rejects.toThrow(
      'invalid type of column "id" to write: nullable',
    )
    await expect(refused(schemaOf({ id: double, name: text }), { id: 1, name: '' })).rejects.toThrow('to write: double')
    await expect(write(csv, Schema.opaque, [row])).rejects.toThrow('missing columns to write')
  })
  it('shows rows that come and go only as a changelog', async () => {
    const schema = schemaOf({ a: text })
    const rows = [{ a: 'x' }, { a: 'y' }]
    expect(await write(csv, schema, rows, [2, 1])).toBe('a\nx\nx\ny\n')
    await expect(write(csv, schema, rows, [1, -1])).rejects.toThrow('it is a deletion')
    const changelog = (path: string) => csv(path, undefined, { changelog: true }) as never
    expect(await write(changelog, schema, rows, [2, -1])).toBe('a,weight\nx,2\ny,-1\n')
    await expect(write(changelog, schemaOf({ weight: int32 }), [{ weight: 1 }])).rejects.toThrow(
      'invalid column to write',
    )
    expect(csv('x').takes).toEqual(['bounded', 'appending'])
    expect(csv('x', undefined, { changelog: true }).takes).toContain('updating')
  })
  it('refuses text that is none', async () => {
    await expect(write(csv, schemaOf({ a: text }), [{ a: 'x\udc00' }])).rejects.toThrow('invalid text')
  })
  it('reads back what it wrote without a header', async () => {
    const path = scratch.fresh('h.csv')
    const format = csv(path, { a: int32.nullable() }, { header: false, null: 'NULL', delimiter: ';' })
    await writeToSink(format, schemaOf({ a: int32.nullable() }), [batchOf(format.schema, [{ a: 1 }, { a: null }])])
    expect(contentOf(path)).toBe('1\nNULL\n')
    expect((await readSource(format)).rows).toEqual([{ a: 1 }, { a: null }])
  })
})
