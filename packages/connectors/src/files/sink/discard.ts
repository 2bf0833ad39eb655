import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isFolder } from '../location.ts'
import { isPart } from './targets.ts'

/** Removes the hidden files of a job that were to become the file at `path`, or parts in the folder there. */
export async function discardStaged(path: string, endings: readonly string[], jobId: string): Promise<void> {
  const inFolder = isFolder(path)
  const folder = inFolder ? path : dirname(path)
  for (const name of namesOf(folder)) {
    const end = name.lastIndexOf(`.part-${jobId}-`)
    if (end < 1 || !name.startsWith('.')) continue
    const target = name.slice(1, end)
    if (inFolder ? isPart(target, endings) : target === basename(path)) await rm(join(folder, name), { force: true })
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // no writer came so far as to make it
  }
}
