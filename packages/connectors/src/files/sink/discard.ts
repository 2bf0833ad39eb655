import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { isFolder } from '../location.ts'
import { isPart } from './targets.ts'

/**
 * Removes the hidden files of a job that were to become the file at `path`, or parts in the folder there.
 * @param but absolute paths of those that stay
 */
export async function discardStaged(
  path: string,
  endings: readonly string[],
  jobId: string,
  but: readonly string[] = [],
): Promise<void> {
  const inFolder = isFolder(path)
  const folder = resolve(inFolder ? path : dirname(path))
  const kept = new Set(but)
  for (const name of namesOf(folder)) {
    const end = name.lastIndexOf(`.part-${jobId}-`)
    if (end < 1 || !name.startsWith('.')) continue
    const target = name.slice(1, end)
    const hidden = resolve(folder, name)
    if (kept.has(hidden) || !(inFolder ? isPart(target, endings) : target === basename(path))) continue
    await rm(hidden, { force: true })
  }
}

function namesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return [] // no writer came so far as to make it
  }
}
