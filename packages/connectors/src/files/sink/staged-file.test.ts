import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Schema } from '@millrace/algebra'
import { batchOf, ManualHost, namesIn, openWriter, ScratchFolder, writeBatch } from '@millrace/testing/contracts'
import { describe, expect, it, vi } from 'vitest'
import { textLines } from '../text/text-lines.ts'
import { publish, StagedFile } from './staged-file.ts'

const full = vi.hoisted(() => ({ now: false }))
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>()
  const open: typeof fs.openSync = (path, flags, mode) => {
    const fd = fs.openSync(path, flags, mode)
    if (!full.now || flags !== 'wx') return fd
    fs.closeSync(fd)
    return fs.openSync('/dev/full', 'w') // every write to it fails for lack of space
  }
  return { ...fs, openSync: open }
})

const scratch = new ScratchFolder()
const host = new ManualHost()
const context = (of: ManualHost) => ({ host: of, jobId: 'job', wake() {} })

describe('a staged file', () => {
  it('replaces its target at once', async () => {
    const target = scratch.file('a.txt', 'old')
    const file = new StagedFile(target, 'none', context(host))
    file.write(Buffer.from('new'))
    const handle = await file.finish()
    expect(readFileSync(target, 'utf8')).toBe('old')
    await publish(handle)
    await publish(handle)
    expect(readFileSync(target, 'utf8')).toBe('new')
    expect(namesIn(dirname(target))).toEqual(['a.txt'])
  })
  it('says so if neither it nor its target is there', async () => {
    const target = scratch.fresh('b.txt')
    const gone = { target, temp: `${target}.gone`, bytes: 3 }
    await expect(publish(gone)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    writeFileSync(target, 'of an earlier run')
    await expect(publish(gone)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    expect(readFileSync(target, 'utf8')).toBe('of an earlier run')
  })
  it('cannot be where there is no folder, or a folder', async () => {
    const folder = scratch.fresh('c')
    expect(() => new StagedFile(`${folder}/none/d.txt`, 'none', context(host))).toThrow('missing file')
    mkdirSync(`${folder}/e`, { recursive: true })
    const file = new StagedFile(`${folder}/e`, 'none', context(host))
    await expect(file.finish().then(publish)).rejects.toThrow(`invalid file: ${folder}/e`)
  })
  it.skipIf(process.platform !== 'linux')('tells a full disk, and leaves nothing behind', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      const target = scratch.fresh('big.txt')
      const schema = Schema.bare('text')
      full.now = true
      const open = await openWriter(textLines(target, { compression }), schema)
      full.now = false
      const batch = batchOf(schema, ['x'.repeat(1 << 18)])
      const writing = (async () => {
        for (let i = 0; i < 1000; i++) await writeBatch(open, batch)
        return open.writer.prepareCommit()
      })()
      await expect(writing).rejects.toMatchObject({
        code: 'IO',
        message: `invalid file: ${target} (no space left on the disk)`,
      })
      await open.writer.abort()
      expect(namesIn(dirname(target))).toEqual([])
    }
  })
  it('may wait for others of the same name', () => {
    const target = scratch.fresh('f.txt')
    const first = new StagedFile(target, 'none', context(new ManualHost()))
    const second = new StagedFile(target, 'none', context(new ManualHost()))
    expect(first.temp).not.toBe(second.temp)
    writeFileSync(target, '')
  })
})
