import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { Schema } from '@millrace/algebra'
import {
  batchOf,
  namesIn,
  openWriter,
  readSource,
  ScratchFolder,
  sinkContract,
  sourceContract,
  writeToSink,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { textLines } from './text-lines.ts'

const scratch = new ScratchFolder()
const schema = Schema.bare('text')
const lines = ['one', '', 'drei Äpfel', '四', '😀 five', ...Array.from({ length: 20 }, (_, i) => `line ${i % 4}`)]
const plain = scratch.file('a.txt', `${lines.join('\n')}\n`)
const gzipped = scratch.file('a.txt.gz', gzipSync(`${lines.join('\r\n')}`))

const contract = { rows: [lines], folder: scratch.path, missing: () => textLines(`${scratch.path}/none.txt`) }
sourceContract('text', { ...contract, source: () => textLines(plain) })
sourceContract('gzipped text', { ...contract, source: () => textLines(gzipped) })
sourceContract('a file URL', { ...contract, source: () => textLines(pathToFileURL(plain)) })
sinkContract('text', {
  schema,
  rows: lines,
  keepsBack: 'a single file appears whole, at the end',
  target() {
    const path = scratch.fresh('out.txt')
    return {
      sink: textLines(path),
      another: () => textLines(path),
      rows: async () => (existsSync(path) ? (await readSource(textLines(path))).rows : []),
      leftovers: async () => namesIn(dirname(path)).filter(name => name !== 'out.txt'),
    }
  },
})

sinkContract('text in a folder', {
  schema,
  rows: lines,
  target() {
    const folder = `${scratch.fresh('out')}/`
    return {
      sink: textLines(folder),
      another: () => textLines(folder),
      rows: async () => (namesIn(folder).some(isPart) ? (await readSource(textLines(folder))).rows : []),
      leftovers: async () => namesIn(folder).filter(name => !isPart(name)),
    }
  },
})

const isPart = (name: string) => /^part-\d+(-\d+)?\.txt$/.test(name)

const read = async (content: string | Uint8Array, options = {}) =>
  readSource(textLines(scratch.file('x.txt', content), options))

describe('text as a source', () => {
  it('reads what bytes there are', async () => {
    expect((await read('')).rows).toEqual([])
    expect((await read('\n')).rows).toEqual([''])
    expect((await read('a')).rows).toEqual(['a'])
    expect((await read('a\r\nb\rc\n\r\n')).rows).toEqual(['a', 'b\rc', ''])
    expect((await read('\ufeffa\nb')).rows).toEqual(['a', 'b'])
    expect((await read(new Uint8Array([0xef]), { onError: 'skip' })).rows).toEqual([])
  })
  it('reads lines longer than what is read ahead', async () => {
    const long = 'é'.repeat(1_000_000)
    expect((await read(`a\n${long}\n${long}`)).rows).toEqual(['a', long, long])
  })
  it('refuses a line beyond maxRowBytes', async () => {
    expect((await read('12345\n', { maxRowBytes: 5 })).rows).toEqual(['12345'])
    await expect(read('1\n123456\n', { maxRowBytes: 5 })).rejects.toMatchObject({
      code: 'ROW_LIMIT',
      details: { at: expect.stringMatching(/x\.txt:2:1$/) },
    })
    await expect(read('x'.repeat(300_000), { maxRowBytes: 5 })).rejects.toThrow('longer than 5 bytes')
  })
  it('refuses, or leaves out, what is no UTF-8', async () => {
    const content = Buffer.from('a\n\xff\xfeb\nc\n', 'latin1')
    await expect(read(content)).rejects.toMatchObject({ code: 'INVALID_ROW', message: 'invalid text: not UTF-8' })
    const { rows, rejected } = await read(content, { onError: 'skip' })
    expect(rows).toEqual(['a', 'c'])
    expect(rejected).toMatchObject([{ at: expect.stringMatching(/:2:1$/), text: '\ufffd\ufffdb' }])
    await expect(read(Buffer.from('\xff\xfea\0', 'latin1'))).rejects.toThrow('UTF-16')
  })
  it('gives up the dictionary where lines are all different', async () => {
    const different = Array.from({ length: 5000 }, (_, i) => `${i < 1200 ? i % 700 : i} und`)
    expect((await read(different.join('\n'))).rows).toEqual(different)
  })
  it('reads a folder in the order of names', async () => {
    const folder = dirname(scratch.file('b.txt', 'b'))
    await writeToSink(textLines(`${folder}/a.txt.gz`), schema, [batchOf(schema, ['a'])])
    await writeToSink(textLines(`${folder}/c.md`), schema, [batchOf(schema, ['c'])])
    await writeToSink(textLines(`${folder}/.d.txt`), schema, [batchOf(schema, ['d'])])
    expect((await readSource(textLines(folder))).rows).toEqual(['a', 'b'])
    await expect(readSource(textLines(dirname(scratch.fresh('x'))))).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      details: { hint: 'The folder holds none that ends in .txt, .txt.gz, .txt.zst.' },
    })
  })
})

describe('text as a sink', () => {
  it('writes strings and nothing else', async () => {
    const write = (schema: Schema, rows: unknown[]) =>
      writeToSink(textLines(scratch.fresh('y.txt')), schema, [batchOf(schema, rows)])
    await expect(write(Schema.bare('int32'), [1])).rejects.toThrow('invalid rows to write as lines: value int32')
    await expect(write(Schema.opaque, [1])).rejects.toThrow('invalid line: 1')
    await expect(write(schema, ['a\nb'])).rejects.toThrow('invalid line: "a\\nb"')
    await expect(write(schema, ['a\r'])).rejects.toThrow('invalid line')
    await expect(write(schema, ['a\ud800'])).rejects.toThrow('invalid text')
  })
  it('slows down while much waits for the disk', async () => {
    const open = await openWriter(textLines(scratch.fresh('big.txt')), schema)
    const batch = batchOf(schema, ['x'.repeat(1 << 20)])
    let written = 0
    while (open.writer.ready && written < 100) {
      open.writer.write(batch)
      written++
    }
    expect(written).toBeGreaterThanOrEqual(4)
    expect(written).toBeLessThan(10)
    await open.woken()
    expect(open.writer.ready).toBe(true)
    await open.writer.abort()
  })
  it('refuses options it does not know', () => {
    expect(() => textLines('x', { compresion: 'gzip' } as object)).toThrow(
      'unknown option: compresion (known: compression, onError, maxRowBytes, rolling)',
    )
    expect(() => textLines('x', { compression: 'zip' as 'gzip' })).toThrow('invalid compression: "zip"')
    expect(() => textLines('x', { maxRowBytes: 0 })).toThrow('invalid maxRowBytes: 0')
    expect(() => textLines('')).toThrow('invalid path')
  })
})
