import { PassThrough, Readable, Writable } from 'node:stream'
import { Schema } from '@millrace/algebra'
import { int32, schemaOf, text } from '@millrace/runtime'
import {
  batchOf,
  openWriter,
  readSource,
  sinkContract,
  sourceContract,
  writeBatch,
  writeToSink,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { stdin, stdout } from './stdio.ts'
import { streamSinks } from './stream-sink.ts'
import { streamFormats } from './stream-source.ts'

const from = (...chunks: string[]) =>
  streamFormats('in', () =>
    Readable.from(
      chunks.map(c => Buffer.from(c)),
      { objectMode: false },
    ),
  )
const columns = { id: int32, name: text }
const rows = Array.from({ length: 9 }, (_, i) => ({ id: i, name: `näme ${i}` }))
const json = rows.map(row => JSON.stringify(row)).join('\n')
const once = { onceOnly: 'a stream cannot be read again' }

sourceContract('lines of a stream', {
  ...once,
  source: () => from('a\nb', 'c\n', '\nd').textLines(),
  rows: [['a', 'bc', '', 'd']],
})
sourceContract('json lines of a stream', {
  ...once,
  source: () => from(json.slice(0, 7), json.slice(7)).jsonLines(columns),
  rows: [rows],
})
sourceContract('csv of a stream', {
  ...once,
  source: () => from('id,na', 'me\n1,x').csv(columns),
  rows: [[{ id: 1, name: 'x' }]],
})

describe('a stream as a source', () => {
  it('can be read once only, from its beginning', async () => {
    const readable = Readable.from([Buffer.from('a\n')], { objectMode: false })
    const formats = streamFormats('in', () => readable)
    expect((await readSource(formats.textLines())).rows).toEqual(['a'])
    await expect(readSource(formats.textLines())).rejects.toThrow('in can be read only once')
    const source = from('a').textLines()
    expect(() => source.open({ id: 'in', offset: { byte: 1, line: 0 } }, {} as never)).toThrow(
      'in can be read only once',
    )
  })
  it('says where a row is wrong', async () => {
    await expect(readSource(from('{"id":1}\n{"id":"x"}').jsonLines({ id: int32 }))).rejects.toMatchObject({
      details: { at: 'in:2:7 (column "id")' },
    })
    expect((await readSource(from('1\n"x"').jsonLines(z.coerce.number().catch(0)))).rows).toEqual([1, 0])
    expect(() => from('').csv(undefined as never)).toThrow('missing columns of in')
    expect((await readSource(from('1;x').csv(columns, { header: false, delimiter: ';' }))).rows).toEqual([
      { id: 1, name: 'x' },
    ])
  })
  it('tells an error of the stream', async () => {
    const broken = new Readable({ read: () => {} })
    setImmediate(() => broken.destroy(Object.assign(new Error('gone'), { code: 'EIO' })))
    await expect(readSource(streamFormats('in', () => broken).textLines())).rejects.toThrow('invalid file: in (gone)')
  })
  it('is standard input', () => {
    expect([stdin.textLines().place, stdout().place, stdout.csv().place]).toEqual(['caller', 'caller', 'caller'])
    expect(stdin.textLines().label).toBe('text stdin')
    expect(stdin.jsonLines(columns).schema).toEqual(schemaOf(columns))
    expect(stdin().label).toBe('text stdin')
    expect(stdout.jsonLines().label).toBe('jsonLines stdout')
    expect(stdout().takes).toEqual(['bounded', 'appending'])
    expect(stdout({ changelog: true })).toMatchObject({
      label: 'rows stdout',
      takes: ['bounded', 'appending', 'updating'],
    })
  })
})

function collecting() {
  const parts: Buffer[] = []
  const stream = new PassThrough()
  stream.on('data', part => parts.push(part))
  return { stream, written: () => Buffer.concat(parts).toString() }
}

sinkContract('a stream', {
  schema: schemaOf(columns),
  rows,
  immediate: 'what is written to a stream is seen at once',
  target() {
    const { stream, written } = collecting()
    const lines = () =>
      written()
        .split('\n')
        .filter(line => line !== '')
    return {
      sink: streamSinks('out', () => stream).jsonLines(),
      rows: async () => lines().map(line => JSON.parse(line)),
      leftovers: async () => [],
    }
  },
})

describe('a stream as a sink', () => {
  it('is written in each format', async () => {
    const schema = schemaOf(columns)
    const batches = [batchOf(schema, [{ id: 1, name: 'a,b' }], [2])]
    const csv = collecting()
    await writeToSink(streamSinks('out', () => csv.stream).csv({ changelog: true }), schema, batches)
    expect(csv.written()).toBe('id,name,weight\n1,"a,b",2\n')
    const bare = collecting()
    await writeToSink(streamSinks('out', () => bare.stream).csv({ header: false, delimiter: ';' }), schema, batches)
    expect(bare.written()).toBe('1;a,b\n1;a,b\n')
    const lines = collecting()
    await writeToSink(streamSinks('out', () => lines.stream).textLines(), Schema.bare('text'), [
      batchOf(Schema.bare('text'), ['x', 'y']),
    ])
    expect(lines.written()).toBe('x\ny\n')
    const rows = collecting()
    const sink = streamSinks('out', () => rows.stream).rows()
    await writeToSink(sink, Schema.bare('text'), [batchOf(Schema.bare('text'), ['x "y"'])])
    await writeToSink(sink, schema, [batchOf(schema, [{ id: 1, name: 'n' }])])
    expect(rows.written()).toBe('x "y"\n{"id":1,"name":"n"}\n')
    const opaque = collecting()
    await writeToSink(streamSinks('out', () => opaque.stream).jsonLines(), Schema.opaque, [
      batchOf(Schema.opaque, [[1], null]),
    ])
    expect(opaque.written()).toBe('[1]\nnull\n')
  })
  it('waits for a slow reader', async () => {
    const taken: (() => void)[] = []
    const slow = new Writable({ highWaterMark: 10, write: (_chunk, _encoding, done) => void taken.push(done) })
    const schema = Schema.bare('text')
    const open = await openWriter(streamSinks('out', () => slow).textLines(), schema)
    expect(open.writer.ready).toBe(true)
    open.writer.write(batchOf(schema, ['more than ten bytes']))
    expect(open.writer.ready).toBe(false)
    taken[0]!()
    await open.woken()
    expect(open.writer.ready).toBe(true)
  })
  it('ends with CANCELLED when its reader goes away', async () => {
    const schema = Schema.bare('text')
    const gone = new Writable({
      write: (_chunk, _encoding, done) => done(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
    })
    const open = await openWriter(streamSinks('out', () => gone).textLines(), schema)
    const writing = async () => {
      for (let i = 0; i < 3; i++) {
        await writeBatch(open, batchOf(schema, ['x']))
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    await expect(writing()).rejects.toMatchObject({ code: 'CANCELLED', message: 'out was closed by its reader' })
    await expect(open.writer.prepareCommit()).rejects.toMatchObject({ code: 'CANCELLED' })
    await open.writer.abort()
    gone.emit('error', new Error('again')) // must not be unhandled
  })
})
