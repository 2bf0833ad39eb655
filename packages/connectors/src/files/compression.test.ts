import { gzipSync } from 'node:zlib'
import { Schema } from '@millrace/algebra'
import {
  batchOf,
  openWriter,
  readSource,
  ScratchFolder,
  sourceContract,
  writeToSink,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { canCompress } from './compression.ts'
import { csv } from './csv/csv.ts'
import { prefixOf } from './prefix.ts'
import { textLines } from './text/text-lines.ts'

const scratch = new ScratchFolder()
/** Two frames, made by the zstd command line with checksums: `a,b\n1,2\n` and `3,4\n`. */
const zstd = Buffer.from('KLUv/QRYQQAAYSxiCjEsMgo158rOKLUv/QRoIQAAMyw0Cq+GfuQ=', 'base64')
/** 3000 lines of `line 0` to `line 2999`. */
const rows = Array.from({ length: 3000 }, (_, i) => `line ${i}`)

const zstdFile = scratch.file('a.csv.zst', zstd)
sourceContract('zstd', {
  source: () => csv(zstdFile),
  rows: [
    [
      { a: '1', b: '2' },
      { a: '3', b: '4' },
    ],
  ],
  folder: scratch.path,
})

describe('compression', () => {
  it('is what the option says, whatever the ending', async () => {
    const path = scratch.file('a.csv', zstd)
    expect((await readSource(csv(path, undefined, { compression: 'zstd' }))).rows).toHaveLength(2)
    const plain = scratch.file('a.txt.gz', 'x\ny\n')
    expect((await readSource(textLines(plain, { compression: 'none' }))).rows).toEqual(['x', 'y'])
  })
  it('reads gzip of several members', async () => {
    const members = Buffer.concat([gzipSync('a\nb'), gzipSync(''), gzipSync('c\n')])
    expect((await readSource(textLines(scratch.file('a.txt.gz', members)))).rows).toEqual(['a', 'bc'])
  })
  it('tells truncated and damaged data', async () => {
    const whole = { 'a.txt.zst': zstd, 'a.txt.gz': gzipSync(rows.join('\n')) }
    for (const [name, bytes] of Object.entries(whole))
      for (const length of [1, 5, bytes.length >> 1, bytes.length - 5]) {
        const path = scratch.file(name, bytes.subarray(0, length))
        await expect(readSource(textLines(path))).rejects.toMatchObject({ code: 'INVALID_FORMAT' })
      }
    await expect(readSource(textLines(scratch.file('a.txt.zst', 'no zstd at all, by no means')))).rejects.toMatchObject(
      {
        code: 'INVALID_FORMAT',
        message: expect.stringMatching(/^invalid zstd data: /),
      },
    )
    expect((await readSource(textLines(scratch.file('a.txt.gz', gzipSync(''))))).rows).toEqual([])
  })
  it('looks into the beginning of a file', () => {
    const text = rows.join('\n')
    const prefix = prefixOf(scratch.file('b.gz', gzipSync(text)), 'gzip', 1000)
    expect(prefix.whole).toBe(false)
    expect(text.startsWith(Buffer.from(prefix.bytes).toString()) && prefix.bytes.length > 100).toBe(true)
    expect(Buffer.from(prefixOf(scratch.file('b.zst', zstd), 'zstd', 1000).bytes).toString()).toBe('a,b\n1,2\n3,4\n')
    expect(() => prefixOf(scratch.file('b.zst', zstd.subarray(0, 20)), 'zstd', 1000)).toThrow('invalid zstd data')
    expect(() => prefixOf(scratch.file('b.gz', 'no gzip'), 'gzip', 1000)).toThrow('invalid gzip data')
    expect(prefixOf(scratch.file('b', 'ab'), 'none', 2)).toMatchObject({ whole: false })
    expect(prefixOf(scratch.file('b', 'ab'), 'none', 3)).toMatchObject({ whole: true })
  })
  it('writes what it reads, or says why it cannot', async () => {
    const schema = Schema.bare('text')
    for (const compression of ['none', 'gzip', 'zstd'] as const) {
      const format = textLines(scratch.fresh('out'), { compression })
      if (canCompress(compression)) {
        await writeToSink(format, schema, [batchOf(schema, rows)])
        expect((await readSource(format)).rows).toEqual(rows)
      } else await expect(openWriter(format, schema)).rejects.toThrow('zstd cannot be written by Node 2')
    }
  })
})
