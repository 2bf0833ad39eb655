import { closeSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, gunzipSync } from 'node:zlib'
import { type Compression, damage } from './compression.ts'
import { fileError } from './location.ts'

/** The first bytes of a file's content. */
export interface Prefix {
  readonly bytes: Uint8Array
  /** There are no more. */
  readonly whole: boolean
}

/**
 * Reads so many bytes from the beginning of a file, synchronously, and decompresses what they hold: for looking into
 * files while a plan is built. Throws a MillraceError if the file cannot be read.
 */
export function prefixOf(path: string, compression: Compression, length: number): Prefix {
  const bytes = Buffer.alloc(length)
  const read = readInto(path, bytes)
  const raw = bytes.subarray(0, read)
  const whole = read < length
  if (compression === 'none') return { bytes: raw, whole }
  try {
    return { bytes: compression === 'gzip' ? gunzipStart(raw) : unzstdStart(raw, whole), whole }
  } catch (error) {
    throw damage(path, compression, error) ?? error
  }
}

function gunzipStart(raw: Uint8Array): Uint8Array {
  return gunzipSync(raw, { finishFlush: constants.Z_SYNC_FLUSH })
}

function unzstdStart(raw: Uint8Array, whole: boolean): Uint8Array {
  const { Decompress } = createRequire(import.meta.url)('fzstd') as typeof import('fzstd')
  const parts: Uint8Array[] = []
  new Decompress(part => parts.push(part.slice())).push(raw, whole)
  return Buffer.concat(parts)
}

function readInto(path: string, bytes: Uint8Array): number {
  try {
    const fd = openSync(path, 'r')
    try {
      let filled = 0
      for (let read = -1; read !== 0 && filled < bytes.length; filled += read)
        read = readSync(fd, bytes, filled, bytes.length - filled, filled)
      return filled
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw fileError(path, error)
  }
}
