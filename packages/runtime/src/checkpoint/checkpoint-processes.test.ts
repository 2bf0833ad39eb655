/** Checkpoints of real processes: that are killed, that race. */
import { join } from 'node:path'
import { ChildProgram, namesIn, ScratchFolder } from '@millrace/testing/contracts'
import { openRun } from '@millrace/testing/contracts/checkpoint-run'
import { expect, test } from 'vitest'
import { folderStorage } from './folder-storage.ts'
import { listCheckpoints } from './list-checkpoints.ts'

const scratch = new ScratchFolder()

/** Takes checkpoints one after the other, and tells of each. */
const taking = (folder: string, body: string): string => `
  import { openCheckpoints } from './checkpoints.ts'
  import { folderStorage } from './folder-storage.ts'
  const storage = folderStorage(${JSON.stringify(folder)})
  const open = () => openCheckpoints(storage, { host: Date, jobId: String(process.pid) })
  async function take(run) {
    const id = run.nextId()
    const file = await storage.write(run.partPath(id, 0), [Buffer.alloc(100_000, id), Buffer.from(String(id))])
    await run.complete({ format: 'millrace checkpoint', version: 1, id, kind: 'checkpoint', fence: run.fence, atMs: 1,
      tookMs: 1, epoch: id, jobId: String(process.pid), fingerprint: '', workers: 1, keyGroups: 128, finished: false,
      operators: [], parts: [[file]] })
    console.log('complete ' + id)
  }
  ${body}`

test('a process that is killed at any moment has lost nothing that it told of', async () => {
  const folder = scratch.fresh('checkpoints')
  const program = taking(
    folder,
    'const run = await open(); for (let i = 0; ; i++) { await take(run); if (i & 1) await run.prune(2) }',
  )
  let last = 0
  for (let life = 0; life < 5; life++) {
    const child = new ChildProgram(program, import.meta.dirname, scratch)
    for (let lines = 0; lines < 4; lines++) last = Number((await child.line())!.split(' ')[1])
    await new Promise(resolve => setTimeout(resolve, life * 3))
    await child.kill()
    for (let line = await child.line(); line !== undefined; line = await child.line()) last = Number(line.split(' ')[1])
    const run = await openRun(folderStorage(folder))
    const newest = await run.newest()
    expect([last, last + 1]).toContain(newest!.id)
    last = newest!.id
    await run.prune(1)
    const left = await listCheckpoints(folderStorage(folder))
    expect(left.map(({ id, damage }) => [id, damage])).toEqual([[newest!.id, undefined]])
    expect(namesIn(join(folder, 'journal')).filter(name => name.startsWith('.'))).toEqual([])
  }
})

test('of two processes that race each takes over from the other, and none completes what another has', async () => {
  const folder = scratch.fresh('checkpoints')
  const program = taking(
    folder,
    `
    for (let i = 0; i < 15; i++) {
      try {
        const run = await open()
        await run.newest()
        for (let k = 0; k < 3; k++) await take(run)
        await run.prune(2)
      } catch (error) {
        if (error.code !== 'CHECKPOINT_FENCED') throw error
        await new Promise(resolve => setTimeout(resolve, Math.random() * 40))
      }
    }`,
  )
  const children = [1, 2].map(() => new ChildProgram(program, import.meta.dirname, scratch))
  const said = (await Promise.all(children.map(linesOf))).flat()
  for (const child of children) await child.ends()
  const complete = said.filter(line => line.startsWith('complete')).map(line => line.split(' ')[1])
  expect(complete.length).toBeGreaterThan(10)
  expect(new Set(complete).size).toBe(complete.length)
  const newest = await (await openRun(folderStorage(folder))).newest()
  expect(newest!.id).toBe(Math.max(...complete.map(Number)))
  expect(namesIn(folder).filter(name => name.startsWith('.'))).toEqual([])
})

async function linesOf(child: ChildProgram): Promise<string[]> {
  const lines: string[] = []
  for (let line = await child.line(); line !== undefined; line = await child.line()) lines.push(line)
  return lines
}
