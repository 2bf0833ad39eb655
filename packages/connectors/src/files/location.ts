/**
 * Where files are: one file, or a folder whose files with the right ending are read in the order of their names.
 */
import { readdirSync, type Stats, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MillraceError } from '@millrace/plan'

/** A path, relative to the working directory unless absolute, or a `file:` URL. */
export type FilePath = string | URL

export function pathOf(path: FilePath): string {
  if (typeof path === 'string' && path !== '') return path
  if (path instanceof URL && path.protocol === 'file:') return fileURLToPath(path)
  throw new MillraceError('INVALID_ARGUMENT', `invalid path: ${JSON.stringify(String(path))}`, {
    hint: 'Give the path of a file or folder, or a file: URL.',
  })
}

/**
 * The file at `path`, or the files of the folder there that have one of the endings, by name; hidden ones are left out,
 * sinks write into such. Throws a MillraceError if there is none.
 */
export function filesAt(path: string, endings: readonly string[]): readonly string[] {
  if (!statOf(path).isDirectory()) return [path]
  const names = attempt(path, () => readdirSync(path, { withFileTypes: true }))
    .filter(entry => !entry.isDirectory() && !entry.name.startsWith('.') && endings.some(e => entry.name.endsWith(e)))
    .map(entry => entry.name)
  if (names.length === 0)
    throw new MillraceError('FILE_NOT_FOUND', `missing files: ${path}`, {
      hint: `The folder holds none that ends in ${endings.join(', ')}.`,
    })
  return names.sort((a, b) => (a < b ? -1 : 1)).map(name => join(path, name))
}

/** Throws a MillraceError if there is nothing at the path. */
export function statOf(path: string): Stats {
  return attempt(path, () => statSync(path))
}

/** Whether the path, as a sink's target, means a folder: it says so, or there is one. */
export function isFolder(path: string): boolean {
  return /[\\/]$/.test(path) || statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function attempt<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw fileError(path, error)
  }
}

/** An error of the file system, as the user sees it. */
export function fileError(path: string, error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException)?.code
  if (typeof code !== 'string') return error
  if (code === 'ENOENT')
    return new MillraceError('FILE_NOT_FOUND', `missing file: ${path}`, {
      ...(isAbsolute(path) ? {} : { hint: `The path is relative to the working directory: ${resolve(path)}.` }),
      cause: error,
    })
  return new MillraceError('IO', `invalid file: ${path} (${REASONS[code] ?? (error as Error).message})`, {
    ...(HINTS[code] === undefined ? {} : { hint: HINTS[code] }),
    cause: error,
  })
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'it would become larger than is allowed',
  EMFILE: 'too many open files',
}

const HINTS: Record<string, string> = {
  ENOSPC: 'Nothing half-written was left behind; free some space and run the job again.',
}
