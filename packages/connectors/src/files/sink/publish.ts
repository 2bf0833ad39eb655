import { rename, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MillraceError } from '@millrace/plan'
import type { Json } from '@millrace/runtime'
import { fileError } from '../location.ts'
import { syncFolder } from './sync-folder.ts'

/** Names a file that was written and waits to be renamed. */
export interface StagedHandle {
  readonly [name: string]: Json
  readonly temp: string
  readonly target: string
  /** How long it is, and when it was last written, by the clock of the file system: what tells it from what was there before. */
  readonly bytes: number
  readonly writtenMs: number
}

/**
 * Gives a staged file its name. Does nothing if that has been done, by anyone, and the file is still there or another has
 * taken its place since.
 * @param taken it may have been put in place before, and taken away since: readers of a folder do that with what they have read
 */
export async function publish(handle: StagedHandle, taken: boolean): Promise<void> {
  const { temp, target } = handle
  try {
    await rename(temp, target)
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    if (!missing) throw fileError(target, error)
    if (!(await wasPublished(handle, taken))) throw takenAway(handle, error)
  }
  syncFolder(dirname(target))
}

async function wasPublished({ target, bytes, writtenMs }: StagedHandle, taken: boolean): Promise<boolean> {
  const there = await stat(target).catch(() => undefined)
  if (there === undefined) return taken
  return (there.size === bytes && there.mtimeMs === writtenMs) || there.mtimeMs > writtenMs
}

/** A job that has finished may be run again, and looks whether its result is there. */
function takenAway({ temp, target }: StagedHandle, cause: unknown): MillraceError {
  return new MillraceError('FILE_NOT_FOUND', `missing file: ${temp} (it was to become ${target})`, {
    hint: 'One of the two was taken away, and what it held is lost: give the job a new checkpoint folder to make it again.',
    cause,
  })
}
