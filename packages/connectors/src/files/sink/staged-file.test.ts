import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { Schema } from '@millrace/algebra'
import { batchOf, ManualHost, namesIn, openWriter, ScratchFolder, writeBatch } from '@millrace/testing/contracts'
import { describe, expect, it, vi } from 'vitest'
import { textLines } from '../text/text-lines.ts'
import { publish } from './publish.ts'
import { StagedFile } from './staged-file.ts'

const full = vi.hoisted(() => ({ now: false }))
/** How long files were when they were synced. */
const synced: number[] = vi.hoisted(() => [])
vi.mock('node:fs', async original => {
  const fs = await original<typeof import('node:fs')>()
  const open: typeof fs.openSync = (path, flags, mode) => {
    const fd = fs.openSync(path, flags, mode)
    if (!full.now || flags !== 'wx') return fd
    fs.closeSync(fd)
    return fs.openSync('/dev/full', 'w') // every write to it fails for lack of space
  }
  const fsync = (fd: number, done: (error: Error | null) => void) => {
    synced.push(fs.fstatSync(fd).size)
    fs.fsync(fd, done)
  }
  return { ...fs, openSync: open, fsync }
})

const scratch = new ScratchFolder()
const host = new ManualHost()
const context = (of: ManualHost) => ({ host: of, jobId: 'job', wake() {} })

describe('a staged file', () => {
  it('replaces its target at once', async () => {
    const target = scratch.file('a.txt', 'old')
    const file = StagedFile.create(target, 'none', context(host))
    file.write(Buffer.from('new'))
    const handle = await file.finish()
    expect(readFileSync(target, 'utf8')).toBe('old')
    await publish(handle, false)
    await publish(handle, false)
    expect(readFileSync(target, 'utf8')).toBe('new')
    expect(namesIn(dirname(target))).toEqual(['a.txt'])
  })
  it('says so if neither it nor its target is there', async () => {
    const target = scratch.fresh('b.txt')
    writeFileSync(target, 'of an earlier run')
    const gone = {
      target,
      temp: `${target}.gone`,
      bytes: statSync(target).size,
      writtenMs: statSync(target).mtimeMs + 1,
    }
    await expect(publish(gone, false)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' })
    expect(readFileSync(target, 'utf8')).toBe('of an earlier run')
    rmSync(target)
    await expect(publish(gone, false)).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: `missing file: ${gone.temp} (it was to become ${target})`,
      hint: expect.stringContaining('give the job a new checkpoint folder to make it again'),
    })
  })
  it('leaves alone what a later run has put in its place', async () => {
    const target = scratch.fresh('later.txt')
    const file = StagedFile.create(target, 'none', context(host))
    file.write(Buffer.from('first'))
    const handle = await file.finish()
    await publish(handle, false)
    writeFileSync(target, 'later')
    utimesSync(target, new Date(), new Date(handle.writtenMs + 1000))
    await publish(handle, false)
    expect(readFileSync(target, 'utf8')).toBe('later')
  })
  it('may be gone again if it was a part', async () => {
    const target = scratch.fresh('part-0.txt')
    const handle = await StagedFile.create(target, 'none', context(host)).finish()
    await publish(handle, true)
    rmSync(target)
    await publish(handle, true)
    expect(namesIn(dirname(target))).toEqual([])
  })
  it.each(['none', 'gzip'] as const)('is continued at the length that was durable: %s', async compression => {
    const target = scratch.fresh('c.txt')
    const file = StagedFile.create(target, compression, context(host))
    file.write(Buffer.from('one '))
    const bytes = await file.durable()
    expect(await file.durable()).toBe(bytes)
    expect(file.length).toBe(bytes)
    file.write(Buffer.from('lost'))
    await file.durable()
    await file.release()
    const again = StagedFile.resume({ temp: file.temp, target, bytes }, compression, context(host))
    expect(again.length).toBe(bytes)
    again.write(Buffer.from('two'))
    await publish(await again.finish(), false)
    const content = readFileSync(target)
    expect((compression === 'gzip' ? gunzipSync(content) : content).toString()).toBe('one two')
  })
  it('is synced when it is durable, if anything was written', async () => {
    synced.length = 0
    const file = StagedFile.create(scratch.fresh('e.txt'), 'none', context(host))
    file.write(Buffer.from('four'))
    await file.durable()
    await file.durable()
    expect(synced).toEqual([4])
    file.write(Buffer.from('more'))
    await file.finish()
    expect(synced).toEqual([4, 8])
  })
  it('tells whoever waits for it when it is given up', async () => {
    for (const compression of ['none', 'gzip'] as const) {
      const file = StagedFile.create(scratch.fresh('d.txt'), compression, context(host))
      file.write(Buffer.alloc(1 << 20))
      const durable = file.durable()
      const given = file.discard()
      await expect(durable).rejects.toMatchObject({ code: 'CANCELLED' })
      await given
    }
  })
  it('cannot be where there is no folder, or a folder', async () => {
    const folder = scratch.fresh('c')
    expect(() => StagedFile.create(`${folder}/none/d.txt`, 'none', context(host))).toThrow('missing file')
    mkdirSync(`${folder}/e`, { recursive: true })
    const file = StagedFile.create(`${folder}/e`, 'none', context(host))
    await expect(file.finish().then(handle => publish(handle, false))).rejects.toThrow(`invalid file: ${folder}/e`)
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
    const first = StagedFile.create(target, 'none', context(new ManualHost()))
    const second = StagedFile.create(target, 'none', context(new ManualHost()))
    expect(first.temp).not.toBe(second.temp)
    writeFileSync(target, '')
  })
})
