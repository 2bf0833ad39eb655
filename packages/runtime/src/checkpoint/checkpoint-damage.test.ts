/** Checkpoints over storage that fails, lags behind, or is damaged. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ScratchFolder } from '@millrace/testing/contracts'
import { manifestOf, openRun, takeCheckpoint, writePart } from '@millrace/testing/contracts/checkpoint-run'
import { describe, expect, test } from 'vitest'
import { folderStorage } from './folder-storage.ts'
import type { Checkpoints } from './library.ts'
import { listCheckpoints } from './list-checkpoints.ts'
import type { CheckpointStorage } from './storage.ts'

const scratch = new ScratchFolder()
const fresh = (): CheckpointStorage => folderStorage(scratch.fresh('checkpoints'))

const coded = (code: string, message?: string) =>
  expect.objectContaining({ code, ...(message === undefined ? {} : { message: expect.stringContaining(message) }) })

function bound(storage: CheckpointStorage): CheckpointStorage {
  return {
    label: storage.label,
    write: (path, chunks) => storage.write(path, chunks),
    create: (path, bytes) => storage.create(path, bytes),
    read: path => storage.read(path),
    pieces: path => storage.pieces(path),
    digest: path => storage.digest(path),
    list: prefix => storage.list(prefix),
    delete: path => storage.delete(path),
  }
}

test('between its last look and its manifest completes nothing', async () => {
  const inner = fresh()
  let young: Checkpoints | undefined
  const storage: CheckpointStorage = {
    ...bound(inner),
    create: async (path, bytes) => {
      if (path.startsWith('journal/') && old !== undefined) young ??= await openRun(inner, 'young')
      return inner.create(path, bytes)
    },
  }
  let old: Checkpoints | undefined
  old = await openRun(storage, 'old')
  await expect(takeCheckpoint(storage, old)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
  expect(await young!.newest()).toBeUndefined()
  expect(await (await openRun(inner)).newest()).toBeUndefined()
})
test('a run that was overtaken, and whose manifest the other has removed, is told that it was overtaken', async () => {
  const inner = fresh()
  const storage: CheckpointStorage = {
    ...bound(inner),
    create: async (path, bytes) => {
      const created = await inner.create(path, bytes)
      if (path.endsWith('/manifest')) await (await openRun(inner, 'young')).prune(1)
      return created
    },
  }
  const old = await openRun(storage, 'old')
  await expect(takeCheckpoint(storage, old)).rejects.toThrow(
    coded('CHECKPOINT_FENCED', 'another run has taken it over'),
  )
  expect(await inner.list('chk-')).toEqual([])
})

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
    const run = await openRun(storage)
    const kept = await takeCheckpoint(storage, run)
    fails = true
    const id = run.nextId()
    await expect(run.complete(manifestOf(run, id, [await writePart(storage, run, id)]))).rejects.toThrow('no answer')
    await expect(run.discard(id)).rejects.toThrow('no answer')
    expect(await storage.list('chk-')).toContain(run.partPath(id, 0))
    fails = false
    await run.discard(id)
    expect(await storage.list('chk-')).not.toContain(run.partPath(id, 0))
    expect(await (await openRun(inner)).newest()).toEqual(kept)
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
    const run = await openRun(storage)
    const id = run.nextId()
    await writePart(storage, run, id)
    isFull = true
    await run.discard(id)
    expect(await storage.list('chk-')).toEqual([])
    expect((await openRun(storage)).nextId()).toBe(id + 1)
  })
  test('whose lists lag behind: nothing is lost, and nothing overtaken unseen', async () => {
    const inner = fresh()
    let shown: readonly string[] = []
    const late: CheckpointStorage = { ...bound(inner), list: async prefix => shown.filter(p => p.startsWith(prefix)) }
    const run = await openRun(late)
    for (let i = 0; i < 12; i++) {
      if (i === 5) shown = await inner.list('')
      await takeCheckpoint(late, run)
    }
    await run.prune(1)
    const next = await openRun(late)
    expect((await next.newest())?.id).toBe(12)
    expect(next.nextId()).toBe(13)
    await expect(takeCheckpoint(late, run)).rejects.toThrow(coded('CHECKPOINT_FENCED'))
  })
  test('that keeps an entry of the journal damaged: that is said, and the next entry mends it', async () => {
    const inner = fresh()
    let damages = false
    const storage: CheckpointStorage = {
      ...bound(inner),
      create: (path, bytes) => inner.create(path, damages ? bytes.map(byte => byte ^ 1) : bytes),
    }
    const run = await openRun(storage)
    const kept = await takeCheckpoint(storage, run)
    damages = true
    await expect(run.discard(run.nextId())).resolves.toBeUndefined()
    damages = false
    const next = await takeCheckpoint(storage, run)
    expect(await (await openRun(inner)).newest()).toEqual(next)
    expect(kept.id).toBeLessThan(next.id)
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
      const run = await openRun(storage)
      const older = await takeCheckpoint(storage, run)
      const base = await storage.write(`chk-000001.${run.fence}/base`, [Buffer.from('7')])
      const id = run.nextId()
      const files = [
        base,
        await writePart(storage, run, id),
        await storage.write(run.partPath(id, 1), [Buffer.from('8')]),
      ]
      const newest = manifestOf(run, id, files)
      await run.complete(newest)
      const name = `chk-000002.${run.fence}`
      const paths: Record<string, string> = { base: base.path, journal: (await storage.list('journal/')).at(-1)! }
      const path = paths[what] ?? `${name}/${what}`
      for (const at of [0, 5, 1000]) {
        flip(join(folder, path), at)
        const next = await openRun(storage)
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
        await expect((await openRun(storage)).newest()).rejects.toThrow(coded('CHECKPOINT_DAMAGED'))
        const last = await openRun(storage)
        expect(await last.newest({ allowOlder: true })).toEqual(newest)
        const taken = await takeCheckpoint(storage, last)
        expect(await (await openRun(storage)).newest()).toEqual(taken)
      } else expect(await (await openRun(storage)).newest()).toEqual(newest)
    },
  )
  test('of all of them is said even if older ones are allowed', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const run = await openRun(storage)
    await takeCheckpoint(storage, run)
    flip(join(folder, run.partPath(1, 0)), 1)
    await expect((await openRun(storage)).newest({ allowOlder: true })).rejects.toThrow(
      coded('CHECKPOINT_DAMAGED', 'part-0'),
    )
  })
  test('a missing journal is not taken for a new folder', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    const manifest = await takeCheckpoint(storage, await openRun(storage))
    rmSync(join(folder, 'journal'), { recursive: true })
    const next = await openRun(storage)
    expect(next.fence).toBeGreaterThan(manifest.fence)
    await expect(next.newest()).rejects.toThrow(coded('CHECKPOINT_DAMAGED', 'missing checkpoint file: journal/'))
    expect(await (await openRun(storage)).newest({ allowOlder: true })).toEqual(manifest)
  })
})
