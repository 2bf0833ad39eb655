/** Where a reader of bytes stands, as checkpoints keep it, and what tells that the file is still the one it was. */
import { MillraceError } from '@millrace/plan'
import type { Json } from '@millrace/runtime'
import { KEPT_BYTES } from './byte-window.ts'

export interface Position {
  readonly byte: number
  /** Lines before it. */
  readonly line: number
  /** CRC-32 of the last bytes before it, at most `KEPT_BYTES`; undefined where an earlier version has said the position. */
  readonly crc?: number | undefined
}

export const BEGINNING: Position = { byte: 0, line: 0 }

/** Where to begin to read: the bytes before the position are looked at. */
export function beginningFor({ byte }: Position): number {
  return Math.max(0, byte - KEPT_BYTES)
}

/** The position that an offset of a `ByteReader` names; the beginning if there is none. */
export function positionOf(offset: Json | undefined): Position {
  if (offset === undefined) return BEGINNING
  const { byte, line, crc } = offset as Partial<Record<string, Json>>
  if (typeof byte === 'number' && typeof line === 'number')
    return { byte, line, crc: typeof crc === 'number' ? crc : undefined }
  throw new MillraceError('INVALID_ARGUMENT', `invalid offset: ${JSON.stringify(offset)}`)
}

/** The error of an offset that the file cannot have given. */
export function invalidOffset(file: string, offset: number, reason: string): MillraceError {
  return new MillraceError('INVALID_FORMAT', `invalid offset of ${file}: ${offset} (${reason})`, {
    hint: 'The file was changed since the checkpoint: give back the file as it was, or begin with a new checkpoint folder.',
  })
}
