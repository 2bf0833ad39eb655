/** The errors of checkpoints whose files are not what they were. */
import { MillraceError } from '@millrace/plan'
import { Checksum } from './checksum.ts'
import type { StoredFile } from './storage.ts'

/** @param problem what is wrong with it, as a part of a sentence */
export function damagedFile(path: string, problem: string, cause?: unknown): MillraceError {
  return new MillraceError('CHECKPOINT_DAMAGED', `invalid checkpoint file: ${path} (${problem})`, { cause })
}

export function missingFile(path: string): MillraceError {
  return new MillraceError('CHECKPOINT_DAMAGED', `missing checkpoint file: ${path}`)
}

/** Written by another version. */
export function unknownFormat(version: unknown, known: number): MillraceError {
  return new MillraceError('CHECKPOINT_FOREIGN', `invalid checkpoint format: ${version} (known: ${known})`, {
    hint: 'It was written by another version of Millrace: run the job with that one, or a newer one.',
  })
}

/** Throws CHECKPOINT_DAMAGED unless these are the bytes that were written. */
export function checkFile(bytes: Uint8Array, file: StoredFile): void {
  const found = { path: file.path, bytes: bytes.length, checksum: Checksum.of(bytes) }
  const problem = differenceOf(found, file)
  if (problem !== undefined) throw damagedFile(file.path, problem)
}

/** How what is there differs from what was written. */
export function differenceOf(found: StoredFile, written: StoredFile): string | undefined {
  if (found.bytes !== written.bytes) return `${found.bytes} bytes instead of ${written.bytes}`
  if (found.checksum !== written.checksum) return `checksum ${found.checksum} instead of ${written.checksum}`
  return undefined
}
