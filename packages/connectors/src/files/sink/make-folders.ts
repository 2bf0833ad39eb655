/**
 * Makes a folder and those above it that are missing. Node's own recursive mkdir goes round for ever where the system
 * answers ENOENT for a folder whose parent exists (below /proc, Node 20 to 22).
 */
import { existsSync, mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { syncFolder } from './sync-folder.ts'

/** Returns the topmost folder made; undefined if all were there. */
export function makeFolders(folder: string): string | undefined {
  const missing: string[] = []
  for (let at = resolve(folder); !existsSync(at); at = dirname(at)) missing.push(at)
  for (const path of missing.toReversed()) {
    try {
      mkdirSync(path)
      syncFolder(dirname(path))
    } catch (error) {
      // Another writer may have been faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
  return missing.at(-1)
}
