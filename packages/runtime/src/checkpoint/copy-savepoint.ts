import { randomBytes } from 'node:crypto'
import { cp, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '@millrace/plan'
import { checkpointAt } from './checkpoint-at.ts'
import { syncFolder } from './durable-write.ts'
import { writeFailed } from './folder-error.ts'

/** Throws CHECKPOINT_FAILED if something is there: nothing is ever overwritten. */
export async function refuseExisting(path: string): Promise<void> {
  if ((await stat(path).catch(() => undefined)) === undefined) return
  throw new MillraceError('CHECKPOINT_FAILED', `invalid path of a savepoint: ${path} (it is there already)`, {
    hint: 'Give a path where nothing is.',
  })
}

/** Copies a savepoint's folder to a path where nothing is: whole or not at all, durably, and read back. */
export async function copySavepoint(folder: string, to: string): Promise<void> {
  await refuseExisting(to)
  const staged = join(dirname(to), `.savepoint-${randomBytes(4).toString('hex')}`)
  try {
    await mkdir(dirname(to), { recursive: true })
    await cp(folder, staged, { recursive: true, errorOnExist: true })
    for (const name of await readdir(staged)) {
      const file = await open(join(staged, name), 'r')
      await file.sync().finally(() => file.close())
    }
    await syncFolder(staged)
    await rename(staged, to)
    await syncFolder(dirname(to))
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    throw writeFailed(to, error)
  }
  await checkpointAt(to)
}
