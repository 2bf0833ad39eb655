/** Files under hidden names beside their targets: made, or found again and cut back to what was durable. */
import { closeSync, fstatSync, ftruncateSync, openSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { MillraceError } from '@millrace/plan'
import type { WriterContext } from '@millrace/runtime'
import { fileError } from '../location.ts'

export interface HiddenFile {
  readonly temp: string
  /** Absolute. */
  readonly target: string
  /** How long it is; writing goes on there. */
  readonly bytes: number
}

export type OpenHiddenFile = HiddenFile & { readonly fd: number }

/**
 * The job's name makes it possible to find the file again; chance keeps it apart from others of the job. A name that is
 * taken is another run's: on a simulated Host chance repeats itself.
 */
export function createHidden(target: string, { host, jobId }: Pick<WriterContext, 'host' | 'jobId'>): OpenHiddenFile {
  for (;;) {
    const name = `.${basename(target)}.part-${jobId}-${Math.floor(host.random() * 2 ** 48).toString(36)}`
    const temp = resolve(dirname(target), name)
    try {
      return { temp, target: resolve(target), bytes: 0, fd: openSync(temp, 'wx') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw fileError(target, error)
    }
  }
}

/** What was written behind `bytes` is gone afterwards. Throws a MillraceError if the file is not there, or is shorter. */
export function reopenHidden({ temp, target, bytes }: HiddenFile): OpenHiddenFile {
  let fd: number
  try {
    fd = openSync(temp, 'r+')
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? lost(temp, target, error) : fileError(temp, error)
  }
  try {
    if (fstatSync(fd).size >= bytes) {
      ftruncateSync(fd, bytes)
      return { temp, target, bytes, fd }
    }
  } catch (error) {
    closeSync(fd)
    throw fileError(temp, error)
  }
  closeSync(fd)
  throw lost(temp, target)
}

function lost(temp: string, target: string, cause?: unknown): MillraceError {
  return new MillraceError('FILE_NOT_FOUND', `missing file: ${temp}`, {
    hint: `It holds rows for ${target} that were written before the checkpoint: was it removed, or put in place by a later one?`,
    cause,
  })
}
