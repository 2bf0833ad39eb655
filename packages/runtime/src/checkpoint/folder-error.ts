/** What the file system says, as the user sees it: the file, what is wrong, what to do. */
import { MillraceError } from '@millrace/plan'

/** The code of an error of the file system. */
export function errnoOf(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as NodeJS.ErrnoException
  if (syscall === 'link' && code === 'EPERM') return 'ENOTSUP' // what FAT says
  return syscall === undefined ? undefined : code
}

/** Errors that are not of the file system, but of those who make what is written, stay as they are. */
export function writeFailed(path: string, error: unknown): unknown {
  const errno = errnoOf(error)
  if (errno === undefined) return error
  // Those above were there or were made: it is a file system in which no folder can be made, /proc for one.
  const code = errno === 'ENOENT' && (error as NodeJS.ErrnoException).syscall === 'mkdir' ? 'NO_FOLDERS' : errno
  return new MillraceError('CHECKPOINT_FAILED', `invalid checkpoint file: ${path} (${reasonOf(code, error)})`, {
    hint: HINTS[code] ?? 'The job goes on from its last complete checkpoint.',
    cause: error,
  })
}

export function readFailed(path: string, error: unknown, act: 'read' | 'delete'): unknown {
  const code = errnoOf(error)
  if (code === undefined) return error
  return new MillraceError('IO', `invalid checkpoint file: ${path} (${reasonOf(code, error)})`, {
    hint: HINTS[code] ?? `It could not be ${act === 'read' ? 'read' : 'deleted'}.`,
    cause: error,
  })
}

export function reasonOf(code: string, error: unknown): string {
  return REASONS[code] ?? (error as Error).message
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  EEXIST: 'a part of its path is no folder',
  ENOENT: 'its folder was removed',
  NO_FOLDERS: 'no folder can be made there',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become larger than the file system allows',
  EMFILE: 'too many open files',
  ENOTSUP: 'the file system has no hard links',
  ENOSYS: 'the file system has no hard links',
}

const WRITABLE = 'Give a checkpoint folder that this process may write to.'
const SPACE = 'Free some space: nothing of this file was kept, and earlier checkpoints are as they were.'
const LINKS = 'Keep checkpoints on a file system that has hard links: they decide which of two runs was first.'

const HINTS: Readonly<Record<string, string>> = {
  EACCES: WRITABLE,
  EPERM: WRITABLE,
  EROFS: WRITABLE,
  NO_FOLDERS: WRITABLE,
  ENOTDIR: 'Give the path of a folder.',
  EEXIST: 'Give the path of a folder.',
  ENOENT: 'The checkpoint folder must stay in place while the job runs.',
  ENOSPC: SPACE,
  EDQUOT: SPACE,
  ENOTSUP: LINKS,
  ENOSYS: LINKS,
}
