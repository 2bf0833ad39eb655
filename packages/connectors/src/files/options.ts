import { type Duration, MillraceError } from '@millrace/plan'
import type { OnError } from '@millrace/runtime'
import type { Compression } from './compression.ts'

/**
 * In a job with checkpoints a part is ended, by default, at each checkpoint at which it has rows: they are seen as soon as
 * can be, in many files. With `rolling` a part goes on, unseen, through checkpoints until it is large or old enough.
 */
export interface RollingOptions {
  /** A part of so many bytes is ended at once, and seen after the next checkpoint; default 128 MiB. */
  readonly bytes?: number
  /** A part that was begun so long ago is ended at the next checkpoint; default never. */
  readonly every?: Duration
}

/** What all file formats take. */
export interface FileOptions {
  /** Default: by the ending, `.gz` or `.zst`. */
  readonly compression?: Compression
  /** What becomes of a row that cannot be read: the job fails (default), or the row is left out and counted. */
  readonly onError?: OnError
  /** A row longer than this is an error; default 16 MiB. */
  readonly maxRowBytes?: number
  /** Written, into a folder: when a part ends; default at each checkpoint, and when it has 128 MiB. */
  readonly rolling?: RollingOptions
}

export const MAX_ROW_BYTES = 16 * 1024 * 1024
export const MAX_COLUMNS = 10_000

const CHOICES: Record<string, readonly unknown[]> = {
  compression: ['none', 'gzip', 'zstd'],
  onError: ['fail', 'skip', 'sideOutput'],
  header: [true, false],
  changelog: [true, false],
}

/** Throws a MillraceError for an option that is unknown or has a value that cannot be. */
export function checkOptions(options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw new MillraceError('INVALID_OPTION', `unknown option: ${name} (known: ${known.join(', ')})`)
    if (value === undefined) continue
    const choices = CHOICES[name]
    if (choices !== undefined && !choices.includes(value))
      throw invalidOption(name, value, `One of ${choices.join(', ')}.`)
  }
  const { maxRowBytes = 1 } = options as FileOptions
  if (!(maxRowBytes >= 1 && maxRowBytes <= MAX_BYTES))
    throw invalidOption('maxRowBytes', maxRowBytes, 'Give a number of bytes, at most 1 GiB.')
}

const MAX_BYTES = 2 ** 30

export function invalidOption(name: string, value: unknown, hint: string): MillraceError {
  return new MillraceError(
    'INVALID_OPTION',
    `invalid ${name}: ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
    {
      hint,
    },
  )
}
