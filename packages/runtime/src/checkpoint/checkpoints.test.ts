import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChildProgram, ManualHost, namesIn, ScratchFolder } from '@millrace/testing/contracts'
import { describe, expect, test } from 'vitest'
import { openCheckpoints } from './checkpoints.ts'
import { folderStorage } from './folder-storage.ts'
import type { Checkpoints } from './library.ts'
import { listCheckpoints } from './list-checkpoints.ts'
import type { CheckpointKind, Manifest } from './manifest.ts'
import { readCheckpoint } from './read-checkpoint.ts'
import type { CheckpointStorage, StoredFile } from './storage.ts'

const scratch = new ScratchFolder()
const fresh = (): CheckpointStorage => folderStorage(scratch.fresh('checkpoints'))
const open = (storage: CheckpointStorage, jobId = 'job'): Promise<Checkpoints> =>
  openCheckpoints(storage, { host: new ManualHost(), jobId, keyGroups: 128 })

function manifestOf(
  run: Checkpoints,
  id: number,
  files: readonly StoredFile[],
  more: Partial<Manifest> = {},
): Manifest {
  return {
    format: 'millrace checkpoint',
    version: 1,
    id,
    kind: 'checkpoint',
    fence: run.fence,
    atMs: 1,
    tookMs: 1,
    epoch: id,
    jobId: 'job',
    fingerprint: 'f',
    workers: 1,
    keyGroups: 128,
    finished: false,
    operators: [],
    parts: [files],
    ...more,
  }
}

const contentOf = (id: number): Uint8Array => Buffer.from(`part of ${id}`)

async function write(
  storage: CheckpointStorage,
  run: Checkpoints,
  id: number,
  kind?: CheckpointKind,
): Promise<StoredFile> {
  return storage.write(run.partPath(id, 0, kind), [contentOf(id)])
}

/** Takes a checkpoint, on top of files of others. */
async function take(
  storage: CheckpointStorage,
  run: Checkpoints,
  { base = [], kind = 'checkpoint' }: { base?: readonly StoredFile[]; kind?: CheckpointKind } = {},
): Promise<Manifest> {
  const id = run.nextId()
  const manifest = manifestOf(run, id, [...base, await write(storage, run, id, kind)], { kind })
  await run.complete(manifest)
  return manifest
}

const coded = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message === undefined ? {} : { message: expect.stringContaining(message) }) })

describe('a run', () => {
  test('finds nothing in a new folder, then what it has completed', async () => {
    const storage = fresh()
    const run = await open(storage)
    expect(await run.newest()).toBeUndefined()
    const first = await take(storage, run)
    expect(await run.newest()).toEqual(first)
    const second = await take(storage, run)
    expect(second.id).toBe(first.id + 1)
    expect(await run.newest()).toEqual(second)
    expect(await run.find(first.id)).toEqual(first)
    const next = await open(storage)
    expect(next.fence).toBeGreaterThan(run.fence)
    expect(await next.newest()).toEqual(second)
    expect(next.nextId()).toBeGreaterThan(second.id)
  })
  test('passes over what was not completed, and never gives out its id again', async () => {
    const storage = fresh()
    const run = await open(storage)
    const complete = await take(storage, run)
    const [left, discarded, named] = [run.nextId(), run.nextId(), run.nextId()]
    await write(storage, run, left)
    await write(storage, run, discarded)
    await run.discard(discarded)
    expect(await storage.list('')).not.toContain(run.partPath(discarded, 0))
    await storage.write(`chk-${String(named).padStart(6, '0')}.${run.fence}/manifest`, [Buffer.from('half')])
    const next = await open(storage)
    expect(await next.newest()).toEqual(complete)
    expect(next.nextId()).toBe(named + 1)
    await next.prune(1)
    expect((await storage.list('chk-')).map(path => path.split('/')[0])).toEqual([
      ...new Array(2).fill(`chk-000001.${run.fence}`),
    ])
    const after = await open(storage)
    expect(after.nextId()).toBeGreaterThan(named)
  })
  test('does not complete what reads back differently, nor what is not there', async () => {
    const storage = fresh()
    const run = await open(storage)
    const id = run.nextId()
    const file = await write(storage, run, id)
    for (const wrong of [{ checksum: '00000000' }, { bytes: 3 }, { path: `${file.path}x` }])
      await expect(run.complete(manifestOf(run, id, [{ ...file, ...wrong }]))).rejects.toThrow(
        coded('CHECKPOINT_FAILED', file.path),
      )
    expect(await (await open(storage)).newest()).toBeUndefined()
  })
  test.each<[string, Partial<Manifest>]>([
    ['another fence', { fence: 77 }],
    ['an id that was not given out', { id: 77 }],
    ['files of others, for a savepoint', { kind: 'savepoint' }],
  ])('does not complete one with %s', async (_, wrong) => {
    const storage = fresh()
    const run = await open(storage)
    const id = run.nextId()
    const manifest = { ...manifestOf(run, id, [await write(storage, run, id)]), ...wrong }
    await expect(run.complete(manifest)).rejects.toThrow(coded('INTERNAL', 'invalid manifest'))
  })
  test('does not complete one twice, nor discard a complete one', async () => {
    const storage = fresh()
    const run = await open(storage)
    const manifest = await take(storage, run)
    await expect(run.complete(manifest)).rejects.toThrow(coded('INTERNAL', 'is complete'))
    await expect(run.discard(manifest.id)).rejects.toThrow(coded('INTERNAL', 'is complete'))
    expect(await run.newest()).toEqual(manifest)
  })
  test('is told which there are, if it asks for one that is not', async () => {
    const storage = fresh()
    const run = await open(storage)
    await expect(run.find(3)).rejects.toThrow(coded('CHECKPOINT_MISSING', 'unknown checkpoint: 3 (known: none)'))
    await take(storage, run)
    await take(storage, run)
    await expect(run.find('chk-000009.1')).rejects.toThrow(
      coded('CHECKPOINT_MISSING', 'unknown checkpoint: chk-000009.1 (known: 1, 2)'),
    )
  })
  test('says so if the folder is removed or replaced while it runs', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const run = await open(storage)
    rmSync(folder, { recursive: true })
    await expect(take(storage, run)).rejects.toThrow(coded('CHECKPOINT_FAILED', 'missing checkpoint file: journal/'))
  })
  test('keeps the journal short', async () => {
    const storage = fresh()
    const run = await open(storage)
    for (let i = 0; i < 110; i++) await take(storage, run)
    await run.prune(2)
    expect(await storage.list('journal/')).toHaveLength(100)
    expect((await (await open(storage)).newest())?.id).toBe(110)
  })
})

describe('a run that was overtaken', () => {
  test('completes nothing any more, and deletes nothing', async () => {
    const storage = fresh()
    const [old, id] = [await open(storage, 'old'), 1]
    const manifest = manifestOf(old, old.nextId(), [await write(storage, old, id)])
    const files = await storage.list('chk-')
    const young = await open(storage, 'young')
    await expect(old.complete(manifest)).rejects.toThrow(coded('CHECKPOINT_FENCED', 'young'))
    await expect(old.complete(manifest)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    await expect(old.prune(1)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    await expect(old.discard(id)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    expect(await storage.list('chk-')).toEqual(files)
    expect(await young.newest()).toBeUndefined()
    const taken = await take(storage, young)
    expect(taken.id).not.toBe(id)
    expect(await (await open(storage)).newest()).toEqual(taken)
  })
  test('between its last look and its manifest completes nothing', async () => {
    const inner = fresh()
    let young: Checkpoints | undefined
    const storage: CheckpointStorage = {
      ...bound(inner),
      create: async (path, bytes) => {
        if (path.startsWith('journal/') && old !== undefined) young ??= await open(inner, 'young')
        return inner.create(path, bytes)
      },
    }
    let old: Checkpoints | undefined
    old = await open(storage, 'old')
    await expect(take(storage, old)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
    expect(await young!.newest()).toBeUndefined()
    expect(await (await open(inner)).newest()).toBeUndefined()
  })
  test('just after it had completed one is followed from there', async () => {
    const storage = fresh()
    const manifest = await take(storage, await open(storage))
    expect(await (await open(storage)).newest()).toEqual(manifest)
  })
})

function bound(storage: CheckpointStorage): CheckpointStorage {
  return {
    label: storage.label,
    write: (path, chunks) => storage.write(path, chunks),
    create: (path, bytes) => storage.create(path, bytes),
    read: path => storage.read(path),
    digest: path => storage.digest(path),
    list: prefix => storage.list(prefix),
    delete: path => storage.delete(path),
  }
}

describe('a storage that fails', () => {
  /** Creates an entry of the journal, and says that it could not. */
  test('with an entry in place that was said to have failed: the run goes on, and what it discards does not count', async () => {
    const inner = fresh()
    let fails = false
    const storage: CheckpointStorage = {
      ...bound(inner),
      create: async (path, bytes) => {
        const created = await inner.create(path, bytes)
        if (fails && path.startsWith('journal/')) throw new Error('no answer')
        return created
      },
    }
    const run = await open(storage)
    const kept = await take(storage, run)
    fails = true
    const id = run.nextId()
    await expect(run.complete(manifestOf(run, id, [await write(storage, run, id)]))).rejects.toThrow('no answer')
    await expect(run.discard(id)).rejects.toThrow('no answer')
    expect(await storage.list('chk-')).toContain(run.partPath(id, 0))
    fails = false
    await run.discard(id)
    expect(await storage.list('chk-')).not.toContain(run.partPath(id, 0))
    expect(await (await open(inner)).newest()).toEqual(kept)
  })
  test('with a full disk: what is discarded makes room first', async () => {
    const inner = fresh()
    let isFull = false
    const storage: CheckpointStorage = {
      ...bound(inner),
      create: async (path, bytes) => {
        if (isFull) throw new Error('full')
        return inner.create(path, bytes)
      },
      delete: async path => {
        isFull = false
        await inner.delete(path)
      },
    }
    const run = await open(storage)
    const id = run.nextId()
    await write(storage, run, id)
    isFull = true
    await run.discard(id)
    expect(await storage.list('chk-')).toEqual([])
    expect((await open(storage)).nextId()).toBe(id + 1)
  })
  test('whose lists lag behind: nothing is lost, and nothing overtaken unseen', async () => {
    const inner = fresh()
    let shown: readonly string[] = []
    const late: CheckpointStorage = { ...bound(inner), list: async prefix => shown.filter(p => p.startsWith(prefix)) }
    const run = await open(late)
    for (let i = 0; i < 12; i++) {
      if (i === 5) shown = await inner.list('')
      await take(late, run)
    }
    await run.prune(1)
    const next = await open(late)
    expect((await next.newest())?.id).toBe(12)
    expect(next.nextId()).toBe(13)
    await expect(take(late, run)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
  })
  test('that keeps an entry of the journal damaged: that is said, and the next entry mends it', async () => {
    const inner = fresh()
    let damages = false
    const storage: CheckpointStorage = {
      ...bound(inner),
      create: (path, bytes) => inner.create(path, damages ? bytes.map(byte => byte ^ 1) : bytes),
    }
    const run = await open(storage)
    const kept = await take(storage, run)
    damages = true
    await expect(run.discard(run.nextId())).resolves.toBeUndefined()
    damages = false
    const next = await take(storage, run)
    expect(await (await open(inner)).newest()).toEqual(next)
    expect(kept.id).toBeLessThan(next.id)
  })
})

describe('pruning', () => {
  test('keeps the newest, and what they need of older ones', async () => {
    const storage = fresh()
    const run = await open(storage)
    const base = await take(storage, run)
    const files = [...base.parts[0]]
    for (let i = 0; i < 3; i++) files.push(...(await take(storage, run, { base: files })).parts[0].slice(-1))
    await run.prune(2)
    expect((await storage.list('chk-')).filter(path => path.includes('part'))).toEqual(files.map(({ path }) => path))
    expect((await storage.list('chk-')).filter(path => path.includes('manifest'))).toHaveLength(2)
    const full = await take(storage, run)
    await run.prune(1)
    expect((await storage.list('chk-')).filter(path => path.includes('part'))).toEqual([full.parts[0][0].path])
    const next = await open(storage)
    expect(await next.newest()).toEqual(full)
    await expect(next.find(base.id)).rejects.toThrow(coded('CHECKPOINT_MISSING'))
  })
  test('touches no savepoint, nothing that is under way, and nothing of a later run', async () => {
    const storage = fresh()
    const run = await open(storage)
    const saved = await take(storage, run, { kind: 'savepoint' })
    await take(storage, run)
    const [under, save] = [run.nextId(), run.nextId()]
    await write(storage, run, under)
    await write(storage, run, save, 'savepoint')
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
    const run = await open(storage)
    const damaged = await take(storage, run)
    await take(storage, run)
    writeFileSync(join(folder, `chk-000001.${run.fence}`, 'manifest'), 'x')
    const next = await open(storage)
    await next.prune(2)
    expect(await storage.list('chk-')).toContain(damaged.parts[0][0].path)
  })
})

describe('damage', () => {
  const flip = (path: string, at: number): void => {
    const bytes = readFileSync(path)
    bytes[at % bytes.length] ^= 4
    writeFileSync(path, bytes)
  }
  test.each(['manifest', 'part-0', 'part-1', 'base', 'journal'])(
    'of %s is found, and nothing older taken unasked',
    async what => {
      const folder = scratch.fresh('checkpoints')
      const storage = folderStorage(folder)
      const run = await open(storage)
      const older = await take(storage, run)
      const base = await storage.write(`chk-000001.${run.fence}/base`, [contentOf(7)])
      const id = run.nextId()
      const files = [base, await write(storage, run, id), await storage.write(run.partPath(id, 1), [contentOf(8)])]
      const newest = manifestOf(run, id, files)
      await run.complete(newest)
      const name = `chk-000002.${run.fence}`
      const paths: Record<string, string> = { base: base.path, journal: (await storage.list('journal/')).at(-1)! }
      const path = paths[what] ?? `${name}/${what}`
      for (const at of [0, 5, 1000]) {
        flip(join(folder, path), at)
        const next = await open(storage)
        const refusal = coded('CHECKPOINT_DAMAGED', path)
        await expect(next.newest()).rejects.toThrow(refusal)
        await expect(next.newest()).rejects.toThrow(
          expect.objectContaining({ hint: expect.stringContaining('--allow-older-checkpoint') }),
        )
        if (what !== 'journal') expect(await next.newest({ allowOlder: true })).toEqual(older)
        const [, summary] = await listCheckpoints(storage)
        expect(summary.damage).toContain(path)
        flip(join(folder, path), at)
      }
      if (what === 'journal') {
        // what it said is lost, and every later run says so until one has completed something
        await expect((await open(storage)).newest()).rejects.toThrow(coded('CHECKPOINT_DAMAGED'))
        const last = await open(storage)
        expect(await last.newest({ allowOlder: true })).toEqual(newest)
        const taken = await take(storage, last)
        expect(await (await open(storage)).newest()).toEqual(taken)
      } else expect(await (await open(storage)).newest()).toEqual(newest)
    },
  )
  test('of all of them is said even if older ones are allowed', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const run = await open(storage)
    await take(storage, run)
    flip(join(folder, run.partPath(1, 0)), 1)
    await expect((await open(storage)).newest({ allowOlder: true })).rejects.toThrow(
      coded('CHECKPOINT_DAMAGED', 'part-0'),
    )
  })
  test('a missing journal is not taken for a new folder', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const manifest = await take(storage, await open(storage))
    rmSync(join(folder, 'journal'), { recursive: true })
    const next = await open(storage)
    expect(next.fence).toBeGreaterThan(manifest.fence)
    await expect(next.newest()).rejects.toThrow(coded('CHECKPOINT_DAMAGED', 'missing checkpoint file: journal/'))
    expect(await (await open(storage)).newest({ allowOlder: true })).toEqual(manifest)
  })
})

test('a savepoint is read without taking its folder over, also when it was moved away alone', async () => {
  const [from, to] = [scratch.fresh('from'), scratch.fresh('to')]
  const storage = folderStorage(from)
  const run = await open(storage)
  const saved = await take(storage, run, { kind: 'savepoint' })
  const name = saved.parts[0][0].path.split('/')[0]
  expect(name).toMatch(/^save-000001\.\d+$/)
  for (const which of [1, name, `${from}/${name}`, `${name}/`])
    expect(await readCheckpoint(storage, which)).toEqual(saved)
  await take(storage, run) // not overtaken
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
  const run = await open(storage)
  const first = await take(storage, run)
  const saved = await take(storage, run, { kind: 'savepoint' })
  const id = run.nextId()
  const file = await write(storage, run, id)
  const manifests = [first, saved]
  expect(await listCheckpoints(storage)).toEqual([
    ...manifests.map(m => ({ id: m.id, kind: m.kind, complete: true, manifest: m, files: m.parts[0] })),
    { id, kind: 'checkpoint', complete: false, files: [file] },
  ])
  await take(storage, run) // not overtaken by being looked at
})

test('of two processes that race each takes over from the other, and none completes what another has', async () => {
  const folder = scratch.fresh('checkpoints')
  const program = `
    import { openCheckpoints } from './checkpoints.ts'
    import { folderStorage } from './folder-storage.ts'
    const storage = folderStorage(${JSON.stringify(folder)})
    for (let i = 0; i < 15; i++) {
      const run = await openCheckpoints(storage, { host: Date, jobId: String(process.pid) })
      try {
        await run.newest()
        for (let k = 0; k < 3; k++) {
          const id = run.nextId()
          const file = await storage.write(run.partPath(id, 0), [Buffer.from(String(id))])
          await run.complete({ format: 'millrace checkpoint', version: 1, id, kind: 'checkpoint', fence: run.fence, atMs: 1,
            tookMs: 1, epoch: id, jobId: String(process.pid), fingerprint: '', workers: 1, keyGroups: 128, finished: false,
            operators: [], parts: [[file]] })
          console.log('complete ' + id + ' ' + run.fence)
          if (k === 1) await run.prune(2)
        }
      } catch (error) {
        if (error.code !== 'CHECKPOINT_FENCED') throw error
        console.log('fenced')
        await new Promise(resolve => setTimeout(resolve, Math.random() * 40))
      }
    }`
  const children = [1, 2].map(() => new ChildProgram(program, import.meta.dirname, scratch))
  const said = (await Promise.all(children.map(linesOf))).flat()
  for (const child of children) await child.ends()
  const complete = said.filter(line => line.startsWith('complete')).map(line => line.split(' ')[1])
  expect(complete.length).toBeGreaterThan(10)
  expect(new Set(complete).size).toBe(complete.length)
  const newest = await (await open(folderStorage(folder))).newest()
  expect(newest!.id).toBe(Math.max(...complete.map(Number)))
  expect(namesIn(folder).filter(name => name.startsWith('.'))).toEqual([])
})

async function linesOf(child: ChildProgram): Promise<string[]> {
  const lines: string[] = []
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line)
  return lines
}
