import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MillraceError } from '@millrace/plan'
import { ScratchFolder } from '@millrace/testing/contracts'
import { manifestOf, openRun, takeCheckpoint, writePart } from '@millrace/testing/contracts/checkpoint-run'
import { describe, expect, test } from 'vitest'
import { folderStorage } from './folder-storage.ts'
import { listCheckpoints } from './list-checkpoints.ts'
import type { Manifest } from './manifest.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import type { CheckpointStorage } from './storage.ts'

const scratch = new ScratchFolder()
const fresh = (): CheckpointStorage => folderStorage(scratch.fresh('checkpoints'))

const coded = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message === undefined ? {} : { message: expect.stringContaining(message) }) })

describe('a run', () => {
  test('finds nothing in a new folder, then what it has completed', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    expect(await run.newest()).toBeUndefined()
    const first = await takeCheckpoint(storage, run)
    expect(await run.newest()).toEqual(first)
    const second = await takeCheckpoint(storage, run)
    expect(second.id).toBe(first.id + 1)
    expect(await run.newest()).toEqual(second)
    expect(await run.find(first.id)).toEqual(first)
    const next = await openRun(storage)
    expect(next.fence).toBeGreaterThan(run.fence)
    expect(await next.newest()).toEqual(second)
    expect(next.nextId()).toBeGreaterThan(second.id)
  })
  test('passes over what was not completed, and never gives out its id again', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    const complete = await takeCheckpoint(storage, run)
    const [left, discarded, named] = [run.nextId(), run.nextId(), run.nextId()]
    await writePart(storage, run, left)
    await writePart(storage, run, discarded)
    await run.discard(discarded)
    expect(await storage.list('')).not.toContain(run.partPath(discarded, 0))
    await storage.write(`chk-${String(named).padStart(6, '0')}.${run.fence}/manifest`, [Buffer.from('half')])
    const next = await openRun(storage)
    expect(await next.newest()).toEqual(complete)
    expect(next.nextId()).toBe(named + 1)
    await next.prune(1)
    expect((await storage.list('chk-')).map(path => path.split('/')[0])).toEqual([
      ...new Array(2).fill(`chk-000001.${run.fence}`),
    ])
    const after = await openRun(storage)
    expect(after.nextId()).toBeGreaterThan(named)
  })
  test('does not complete what reads back differently, nor what is not there', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    const id = run.nextId()
    const file = await writePart(storage, run, id)
    for (const wrong of [{ checksum: '00000000' }, { bytes: 3 }, { path: `${file.path}x` }])
      await expect(run.complete(manifestOf(run, id, [{ ...file, ...wrong }]))).rejects.toThrow(
        coded('CHECKPOINT_FAILED', file.path),
      )
    expect(await (await openRun(storage)).newest()).toBeUndefined()
  })
  test.each<[string, Partial<Manifest>]>([
    ['another fence', { fence: 77 }],
    ['an id that was not given out', { id: 77 }],
    ['files of others, for a savepoint', { kind: 'savepoint' }],
  ])('does not complete one with %s', async (_, wrong) => {
    const storage = fresh()
    const run = await openRun(storage)
    const id = run.nextId()
    const manifest = { ...manifestOf(run, id, [await writePart(storage, run, id)]), ...wrong }
    await expect(run.complete(manifest)).rejects.toThrow(coded('INTERNAL', 'invalid manifest'))
  })
  test('does not complete one twice, nor discard a complete one', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    const manifest = await takeCheckpoint(storage, run)
    await expect(run.complete(manifest)).rejects.toThrow(coded('INTERNAL', 'is complete'))
    await expect(run.discard(manifest.id)).rejects.toThrow(coded('INTERNAL', 'is complete'))
    expect(await run.newest()).toEqual(manifest)
  })
  test('is told which there are, if it asks for one that is not', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    await expect(run.find(3)).rejects.toThrow(coded('CHECKPOINT_MISSING', 'unknown checkpoint: 3 (known: none)'))
    await takeCheckpoint(storage, run)
    await takeCheckpoint(storage, run)
    await expect(run.find('chk-000009.1')).rejects.toThrow(
      coded('CHECKPOINT_MISSING', 'unknown checkpoint: chk-000009.1 (known: 1, 2)'),
    )
  })
  test('says so if the folder is removed or replaced while it runs', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const run = await openRun(storage)
    rmSync(folder, { recursive: true })
    await expect(takeCheckpoint(storage, run)).rejects.toThrow(
      coded('CHECKPOINT_FAILED', 'missing checkpoint file: journal/'),
    )
  })
  test('keeps the journal short', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    for (let i = 0; i < 199; i++) await takeCheckpoint(storage, run)
    expect((await storage.list('journal/'))[0]).toBe('journal/000000101')
    expect((await (await openRun(storage)).newest())?.id).toBe(199)
  })
  test('keeps the journal short also if none ever completes one', async () => {
    const storage = fresh()
    for (let i = 0; i < 305; i++) await openRun(storage)
    expect((await storage.list('journal/'))[0]).toBe('journal/000000201')
    const run = await openRun(storage)
    for (let i = 0; i < 99; i++) await run.discard(run.nextId())
    expect((await storage.list('journal/'))[0]).toBe('journal/000000301')
    expect(await run.newest()).toBeUndefined()
  })
})

describe('a run that was overtaken', () => {
  test('completes nothing any more, and deletes nothing', async () => {
    const storage = fresh()
    const [old, id] = [await openRun(storage, 'old'), 1]
    const manifest = manifestOf(old, old.nextId(), [await writePart(storage, old, id)])
    const files = await storage.list('chk-')
    const young = await openRun(storage, 'young')
    await expect(old.complete(manifest)).rejects.toThrow(coded('CHECKPOINT_FENCED', 'another run has taken it over'))
    await expect(old.complete(manifest)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    await expect(old.prune(1)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    await expect(old.discard(id)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    expect(await storage.list('chk-')).toEqual(files)
    expect(await young.newest()).toBeUndefined()
    const taken = await takeCheckpoint(storage, young)
    expect(taken.id).not.toBe(id)
    expect(await (await openRun(storage)).newest()).toEqual(taken)
  })
  test('just after it had completed one is followed from there', async () => {
    const storage = fresh()
    const manifest = await takeCheckpoint(storage, await openRun(storage))
    expect(await (await openRun(storage)).newest()).toEqual(manifest)
  })
})

describe('pruning', () => {
  test('keeps the newest, and what they need of older ones', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    const base = await takeCheckpoint(storage, run)
    const files = [...base.parts[0]]
    for (let i = 0; i < 3; i++) files.push(...(await takeCheckpoint(storage, run, { base: files })).parts[0].slice(-1))
    await run.prune(2)
    expect((await storage.list('chk-')).filter(path => path.includes('part'))).toEqual(files.map(({ path }) => path))
    expect((await storage.list('chk-')).filter(path => path.includes('manifest'))).toHaveLength(2)
    const full = await takeCheckpoint(storage, run)
    await run.prune(1)
    expect((await storage.list('chk-')).filter(path => path.includes('part'))).toEqual([full.parts[0][0].path])
    const next = await openRun(storage)
    expect(await next.newest()).toEqual(full)
    await expect(next.find(base.id)).rejects.toThrow(coded('CHECKPOINT_MISSING'))
  })
  test('touches no savepoint, nothing that is under way, and nothing of a later run', async () => {
    const storage = fresh()
    const run = await openRun(storage)
    const saved = await takeCheckpoint(storage, run, { kind: 'savepoint' })
    await takeCheckpoint(storage, run)
    const [under, save] = [run.nextId(), run.nextId()]
    await writePart(storage, run, under)
    await writePart(storage, run, save, 'savepoint')
    const later = await storage.write('chk-000001.999/part-0', [])
    await storage.write('chk-notes/mine', [])
    for (let i = 0; i < 3; i++) await run.prune(0)
    const left = await storage.list('')
    for (const path of [
      ...saved.parts[0].map(file => file.path),
      run.partPath(under, 0),
      run.partPath(save, 0, 'savepoint'),
      later.path,
      'chk-notes/mine',
    ])
      expect(left).toContain(path)
    expect(await run.find(saved.id)).toEqual(saved)
  })
  test('keeps the folder of one whose manifest is damaged', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const run = await openRun(storage)
    const damaged = await takeCheckpoint(storage, run)
    await takeCheckpoint(storage, run)
    writeFileSync(join(folder, `chk-000001.${run.fence}`, 'manifest'), 'x')
    const next = await openRun(storage)
    await next.prune(2)
    expect(await storage.list('chk-')).toContain(damaged.parts[0][0].path)
  })
})

test('a savepoint is read without taking its folder over, also when it was moved away alone', async () => {
  const [from, to] = [scratch.fresh('from'), scratch.fresh('to')]
  const storage = folderStorage(from)
  const run = await openRun(storage)
  const saved = await takeCheckpoint(storage, run, { kind: 'savepoint' })
  const name = saved.parts[0][0].path.split('/')[0]
  expect(name).toMatch(/^save-000001\.\d+$/)
  for (const which of [1, name, `${from}/${name}`, `${name}/`])
    expect(await readCheckpoint(storage, which)).toEqual(saved)
  await takeCheckpoint(storage, run) // not overtaken
  await folderStorage(to).write('x', [])
  renameSync(join(from, name), join(to, name))
  expect(await readCheckpoint(folderStorage(to), name)).toEqual(saved)
  await expect(readCheckpoint(storage, name)).rejects.toThrow(coded('CHECKPOINT_DAMAGED', 'missing checkpoint file'))
  await expect(readCheckpoint(storage, name, { keyGroups: 9 })).rejects.toThrow(coded('CHECKPOINT_DAMAGED'))
  await expect(readCheckpoint(folderStorage(to), name, { keyGroups: 9 })).rejects.toThrow(coded('CHECKPOINT_FOREIGN'))
})

test('a list shows what is complete and what is not', async () => {
  const storage = fresh()
  expect(await listCheckpoints(storage)).toEqual([])
  const run = await openRun(storage)
  const first = await takeCheckpoint(storage, run)
  const saved = await takeCheckpoint(storage, run, { kind: 'savepoint' })
  const id = run.nextId()
  const file = await writePart(storage, run, id)
  const manifests = [first, saved]
  expect(await listCheckpoints(storage)).toEqual([
    ...manifests.map(m => ({ id: m.id, kind: m.kind, complete: true, manifest: m, files: m.parts[0] })),
    { id, kind: 'checkpoint', complete: false, files: [file] },
  ])
  await takeCheckpoint(storage, run) // not overtaken by being looked at
})

describe('what is restored', () => {
  test('is nothing to a run that was overtaken: it must make no sink what it was', async () => {
    const storage = fresh()
    const old = await openRun(storage)
    await takeCheckpoint(storage, old)
    await openRun(storage)
    await expect(old.newest()).rejects.toThrow(coded('CHECKPOINT_FENCED'))
  })
  test('stays what it was: a completion that has failed and may count counts no more', async () => {
    const folder = fresh()
    let deaf = false
    let failing = false
    const storage: CheckpointStorage = {
      label: folder.label,
      write: (path, chunks) => folder.write(path, chunks),
      digest: path => folder.digest(path),
      pieces: path => folder.pieces(path),
      list: prefix => folder.list(prefix),
      delete: path => folder.delete(path),
      read: async path => {
        if (deaf && path.startsWith('journal/')) {
          deaf = false
          throw new MillraceError('IO', 'the disk does not answer')
        }
        return folder.read(path)
      },
      create: async (path, bytes) => {
        const created = await folder.create(path, bytes)
        deaf = path.startsWith('journal/') && failing
        return created
      },
    }
    const run = await openRun(storage)
    const first = await takeCheckpoint(storage, run)
    const id = run.nextId()
    const file = await writePart(storage, run, id)
    failing = true
    await expect(run.complete(manifestOf(run, id, [file]))).rejects.toThrow('does not answer')
    failing = false
    expect(await run.newest()).toEqual(first)
    expect(await (await openRun(folder)).newest()).toEqual(first)
  })
})
