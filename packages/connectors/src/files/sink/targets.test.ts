import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Schema } from '@millrace/algebra'
import {
  batchOf,
  contentOf,
  namesIn,
  openWriter,
  readSource,
  ScratchFolder,
  writeBatch,
  writeToSink,
} from '@millrace/testing/contracts'
import { describe, expect, it } from 'vitest'
import { textLines } from '../text/text-lines.ts'

const scratch = new ScratchFolder()
const schema = Schema.bare('text')

describe('what files a sink makes', () => {
  it('makes folders that are missing, and removes them if it fails', async () => {
    const path = `${scratch.fresh('deep')}/er/out.txt`
    const open = await openWriter(textLines(path), schema)
    await writeBatch(open, batchOf(schema, ['a']))
    expect(existsSync(dirname(path))).toBe(true)
    await open.writer.abort()
    expect(existsSync(dirname(dirname(path)))).toBe(false)
    await writeToSink(textLines(path), schema, [batchOf(schema, ['a'])])
    expect(contentOf(path)).toBe('a\n')
  })
  it('writes a part for each writer into a folder', async () => {
    const folder = `${scratch.fresh('parts')}/`
    const sink = textLines(folder, { compression: 'gzip' })
    for (const subtask of [0, 1])
      await writeToSink(sink, schema, [batchOf(schema, [`from ${subtask}`])], { subtask, parallelism: 2 })
    expect(namesIn(folder)).toEqual(['part-0.txt.gz', 'part-1.txt.gz'])
    expect((await readSource(sink)).rows).toEqual(['from 0', 'from 1'])
    await expect(openWriter(textLines('one.txt'), schema, { parallelism: 2 })).rejects.toThrow('2 writers, one file')
  })
  it('replaces the parts of an earlier run, and is refused where others would stay', async () => {
    const folder = `${scratch.fresh('parts')}/`
    const parts = { parallelism: 2 }
    const write = async (row: string) => {
      for (const subtask of [0, 1])
        await writeToSink(textLines(folder), schema, [batchOf(schema, [`${row} ${subtask}`])], { ...parts, subtask })
    }
    await write('first')
    await write('second')
    expect((await readSource(textLines(folder))).rows).toEqual(['second 0', 'second 1'])
    await expect(openWriter(textLines(folder), schema)).rejects.toThrow('it holds part-1.txt of another run')
    const zipped = textLines(folder, { compression: 'gzip' })
    await expect(openWriter(zipped, schema, parts)).rejects.toThrow('it holds part-0.txt of another run')
    const again = scratch.fresh('again')
    mkdirSync(again)
    writeFileSync(`${again}/part-0-2.txt`, '')
    await expect(openWriter(textLines(again), schema)).rejects.toThrow('it holds part-0-2.txt of another run')
    expect(namesIn(again)).toEqual(['part-0-2.txt'])
  })
  it('is written by every worker into a folder, by one into a file', () => {
    const folder = scratch.fresh('there')
    mkdirSync(folder)
    expect(textLines('out/').place).toBe('workers')
    expect(textLines(folder).place).toBe('workers')
    expect(textLines('out.txt').place).toBeUndefined()
  })
  it('writes another part for each commit into a folder, a single file only once', async () => {
    const folder = `${scratch.fresh('parts')}/`
    const sink = textLines(folder)
    const open = await openWriter(sink, schema)
    for (const row of ['a', 'b']) {
      await writeBatch(open, batchOf(schema, [row]))
      await sink.commit(await open.writer.prepareCommit())
    }
    expect(await open.writer.prepareCommit()).toEqual([])
    expect(namesIn(folder)).toEqual(['part-0-2.txt', 'part-0.txt'])
    const single = await openWriter(textLines(scratch.fresh('once.txt')), schema)
    await single.writer.prepareCommit()
    await expect(writeBatch(single, batchOf(schema, ['a']))).rejects.toThrow('it is written once')
    await single.writer.abort()
  })
})
