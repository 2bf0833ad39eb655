/** Requests for savepoints, from the file to the answer. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MillraceError } from '@millrace/plan'
import { afterAll, describe, expect, test } from 'vitest'
import { folderStorage } from '../checkpoint/folder-storage.ts'
import type { Manifest } from '../checkpoint/manifest.ts'
import { requestSavepoint } from '../checkpoint/request-savepoint.ts'
import { realHost } from '../host/real.ts'
import { SavepointWatch } from './savepoint-watch.ts'

const scratch = mkdtempSync(join(tmpdir(), 'savepoint-watch-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let folders = 0

async function folder() {
  const storage = folderStorage(join(scratch, `${folders++}`))
  await storage.create('journal/000000001', new Uint8Array(1))
  return storage
}

const manifest = (id: number): Manifest => ({ kind: 'savepoint', id, fence: 2 }) as Manifest

describe('a savepoint', () => {
  test('is taken for each who asks, one after the other, and nothing of it is left', async () => {
    const storage = await folder()
    const asked: boolean[] = []
    let running = 0
    const take = async (stop: boolean): Promise<Manifest> => {
      expect(++running).toBe(1)
      await new Promise(resolve => setImmediate(resolve))
      running--
      return manifest(asked.push(stop))
    }
    const watch = new SavepointWatch({ storage, host: realHost, take })
    watch.begin()
    const answers = await Promise.all([requestSavepoint(storage), requestSavepoint(storage, { stop: true })])
    expect(answers.sort()).toEqual(['save-000001.2', 'save-000002.2'])
    expect(asked.sort()).toEqual([false, true])
    await watch.end()
    expect(await storage.list('')).toEqual(['journal/000000001'])
  })

  test('that fails is answered too, with the reason', async () => {
    const storage = await folder()
    await storage.create('requests/nonsense', new Uint8Array(3))
    const error = new MillraceError('CHECKPOINT_FAILED', 'checkpoint 3 failed', { hint: 'see that' })
    const watch = new SavepointWatch({ storage, host: realHost, take: () => Promise.reject(error) })
    watch.begin()
    await expect(requestSavepoint(storage)).rejects.toMatchObject({
      code: 'CHECKPOINT_FAILED',
      message: 'checkpoint 3 failed',
      hint: 'see that',
    })
    await watch.end()
    expect(await storage.list('')).toEqual(['journal/000000001'])
  })

  test('is not waited for where no job is, and can be given up', async () => {
    const storage = await folder()
    await expect(requestSavepoint(storage, { noticeMs: 100 })).rejects.toMatchObject({ code: 'CHECKPOINT_MISSING' })
    await expect(requestSavepoint(folderStorage(join(scratch, 'nothing')))).rejects.toThrow(/is no checkpoint folder/)
    const given = new AbortController()
    given.abort(new Error('enough'))
    await expect(requestSavepoint(storage, { signal: given.signal })).rejects.toThrow('enough')
    expect(await storage.list('')).toEqual(['journal/000000001'])
  })

  test('whose answer never comes is given up', async () => {
    const storage = await folder()
    const asking = requestSavepoint(storage, { timeoutMs: 300 })
    for (;;) {
      const [request] = await storage.list('requests/')
      if (request !== undefined) {
        await storage.delete(request)
        break
      }
    }
    await expect(asking).rejects.toThrow('missing answer after 300 ms')
  })
})
