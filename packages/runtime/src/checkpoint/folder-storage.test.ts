import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ChildProgram, namesIn, ScratchFolder, storageContract } from '@millrace/testing/contracts'
import { describe, expect, test } from 'vitest'
import { folderStorage } from './folder-storage.ts'
import { StagedNames } from './staged-names.ts'

const scratch = new ScratchFolder()

storageContract('a folder', {
  target: () => {
    const folder = scratch.fresh('checkpoints')
    return { storage: folderStorage(folder), another: () => folderStorage(folder) }
  },
})

const failed = (code: string, message: string, hint?: string) =>
  expect.objectContaining({ code, message, ...(hint === undefined ? {} : { hint: expect.stringContaining(hint) }) })

describe('what is in a folder', () => {
  test('is nothing but files and the folders they need', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    expect(await storage.list('')).toEqual([])
    expect(existsSync(folder)).toBe(false)
    await storage.write('a/b/c', [])
    await storage.create('a/d', new Uint8Array(1))
    expect(namesIn(folder)).toEqual(['a'])
    expect(namesIn(join(folder, 'a'))).toEqual(['b', 'd'])
    await storage.delete('a/b/c')
    expect(namesIn(join(folder, 'a'))).toEqual(['d'])
    await storage.delete('a/d')
    expect(namesIn(folder)).toEqual([])
  })
  test('that somebody else put there is left alone', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    await storage.write('a/b', [])
    writeFileSync(join(folder, 'a', '.hidden'), '')
    writeFileSync(join(folder, 'read me.txt'), '')
    symlinkSync('/', join(folder, 'a', 'away'))
    expect(await storage.list('')).toEqual(['a/b'])
    await storage.delete('a/b')
    expect(namesIn(join(folder, 'a'))).toEqual(['.hidden', 'away'])
  })
  test('may be deleted by one while another writes', async () => {
    const folder = scratch.fresh('checkpoints')
    const [one, other] = [folderStorage(folder), folderStorage(folder)]
    for (let i = 0; i < 50; i++) await Promise.all([one.write(`a/${i}`, []), other.delete(`a/${i - 1}`)])
    expect(await one.read('a/49')).toEqual(Buffer.alloc(0))
  })
})

describe('where nothing can be written', () => {
  test('a file in the place of the folder', async () => {
    const file = scratch.file('checkpoints', 'x')
    const storage = folderStorage(file)
    const message = `invalid checkpoint file: ${file}/a (a part of its path is no folder)`
    await expect(storage.write('a', [])).rejects.toThrow(failed('CHECKPOINT_FAILED', message, 'the path of a folder'))
    await expect(storage.create('a', new Uint8Array(1))).rejects.toThrow(failed('CHECKPOINT_FAILED', message))
    await expect(storage.list('')).rejects.toThrow(
      failed('IO', `invalid checkpoint file: ${file} (a part of its path is no folder)`, 'the path of a folder'),
    )
    await expect(folderStorage(join(file, 'below')).write('a', [])).rejects.toThrow(
      failed('CHECKPOINT_FAILED', `invalid checkpoint file: ${file}/below/a (a part of its path is no folder)`),
    )
  })
  test('a folder in the place of a file', async () => {
    const folder = scratch.fresh('checkpoints')
    mkdirSync(join(folder, 'a'), { recursive: true })
    const storage = folderStorage(folder)
    await expect(storage.read('a')).rejects.toThrow(
      failed('IO', `invalid checkpoint file: ${folder}/a (it is a folder)`),
    )
    expect(await storage.create('a', new Uint8Array(1))).toBe(false)
  })
  test('what is to be written cannot be made: no folder is left of it, unless there was one', async () => {
    const folder = scratch.fresh('checkpoints')
    const storage = folderStorage(folder)
    await storage.write('kept/a', [])
    const chunks = function* () {
      yield new Uint8Array(9)
      throw new RangeError('no more')
    }
    for (const path of ['chk/deep/part', 'kept/b'])
      await expect(storage.write(path, chunks())).rejects.toThrow(new RangeError('no more'))
    expect(namesIn(folder)).toEqual(['kept'])
    expect(namesIn(join(folder, 'kept'))).toEqual(['a'])
  })
  test.skipIf(!existsSync('/proc/self'))('a file system that takes no files', async () => {
    const storage = folderStorage('/proc/self/checkpoints')
    const message = 'invalid checkpoint file: /proc/self/checkpoints/a (no folder can be made there)'
    await expect(storage.write('a', [])).rejects.toThrow(
      failed('CHECKPOINT_FAILED', message, 'Give a checkpoint folder that this process may write to.'),
    )
  })

  /** A test with a file system of its own. */
  function mounted(name: string, options: string, act: (folder: string) => Promise<void>): void {
    test(name, async context => {
      const folder = scratch.fresh('mounted')
      mkdirSync(folder)
      const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
      context.skip(status !== 0, 'no file system may be mounted here')
      try {
        await act(folder)
      } finally {
        spawnSync('umount', [folder])
      }
    })
  }

  mounted('a disk that is full, and then is not', 'size=1m', async folder => {
    const storage = folderStorage(folder)
    const kept = await storage.write('kept', [new Uint8Array(400_000)])
    const refusal = failed(
      'CHECKPOINT_FAILED',
      `invalid checkpoint file: ${folder}/chk/part (no space left on the disk)`,
      'Free some space',
    )
    await expect(storage.write('chk/part', [new Uint8Array(3_000_000)])).rejects.toThrow(refusal)
    await expect(storage.write('chk/part', [new Uint8Array(400_000), new Uint8Array(400_000)])).rejects.toThrow(refusal)
    expect(await storage.list('')).toEqual(['kept'])
    expect(namesIn(folder)).toEqual(['kept'])
    expect(await storage.digest('kept')).toEqual(kept)
    await storage.delete('kept')
    await storage.write('chk/part', [new Uint8Array(800_000)])
  })
  mounted('a file system that is read-only', 'ro', async folder => {
    await expect(folderStorage(folder).create('a', new Uint8Array(1))).rejects.toThrow(
      failed(
        'CHECKPOINT_FAILED',
        `invalid checkpoint file: ${folder}/a (the file system is read-only)`,
        'that this process may write to',
      ),
    )
    expect(await folderStorage(folder).list('')).toEqual([])
  })
})

describe('what a process leaves that is killed while it writes', () => {
  test('is no file, and is removed by the next', async () => {
    const folder = scratch.fresh('checkpoints')
    const program = `
      import { folderStorage } from './folder-storage.ts'
      const piece = new Uint8Array(1 << 20)
      async function* chunks() {
        for (let i = 0; ; i++) {
          if (i === 3) console.log('writing')
          if (i > 40) await new Promise(resolve => setTimeout(resolve, 10))
          yield piece
        }
      }
      await folderStorage(${JSON.stringify(folder)}).write('chk/part', chunks())`
    const child = new ChildProgram(program, import.meta.dirname, scratch)
    expect(await child.line()).toBe('writing')
    await child.kill()
    expect(namesIn(join(folder, 'chk'))).toHaveLength(1)
    const storage = folderStorage(folder)
    expect(await storage.list('')).toEqual([])
    expect(await storage.read('chk/part')).toBeUndefined()
    await storage.write('other', [])
    expect(namesIn(folder)).toEqual(['other'])
    await storage.write('chk/part', [])
  })
  test('stays while its writer may be alive', async () => {
    const folder = scratch.fresh('checkpoints')
    mkdirSync(folder)
    const ours = new StagedNames().next()
    const elsewhere = ours.replace(/-[0-9a-f]{8}-\d+/, '-01234567-1')
    const dead = ours.replace(/-\d+-(\d+-\d+)$/, '-4194304-$1') // above any process id
    const old = elsewhere.replace(/\d+$/, '777777')
    for (const name of [ours, elsewhere, dead, old]) writeFileSync(join(folder, name), '')
    const yesterday = Date.now() / 1000 - 90_000
    utimesSync(join(folder, old), yesterday, yesterday)
    await folderStorage(folder).write('a', [])
    expect(namesIn(folder)).toEqual([ours, elsewhere, 'a'].sort())
  })
})
