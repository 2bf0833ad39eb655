import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { MillraceError } from '@millrace/plan'
import { fileError } from '../location.ts'
import { type FileMetaData, library } from './library.ts'

const TAIL_BYTES = 64 * 1024

/** What a file says of itself, read synchronously. Throws a MillraceError if it is no Parquet file. */
export function readFooter(path: string): FileMetaData {
  let tail = tailOf(path, TAIL_BYTES)
  const size = tail.length
  const magic = size < 12 ? '' : tail.toString('latin1', size - 4)
  if (magic === 'PARE') throw invalid(path, 'it is encrypted')
  if (magic !== 'PAR1') throw invalid(path, 'it is no Parquet file, or was not written to its end')
  const length = tail.readUInt32LE(size - 8) + 8
  if (length > size) tail = tailOf(path, length)
  if (length > tail.length) throw invalid(path, 'its footer is damaged')
  try {
    return library.parquetMetadata(tail.subarray(tail.length - length), { geoparquet: false, parsers: RAW })
  } catch (cause) {
    throw invalid(path, 'its footer is damaged', cause)
  }
}

/** Statistics are left as they are stored: a `Date` cannot hold microseconds. */
const RAW = {
  timestampFromMilliseconds: (stored: bigint) => stored,
  timestampFromMicroseconds: (stored: bigint) => stored,
  timestampFromNanoseconds: (stored: bigint) => stored,
  dateFromDays: (stored: number) => stored,
}

export function invalid(path: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('INVALID_FORMAT', `invalid Parquet file: ${path} (${reason})`, { cause })
}

/** The last bytes of a file, so many or all. */
function tailOf(path: string, length: number): Buffer {
  try {
    const fd = openSync(path, 'r')
    try {
      const { size } = fstatSync(fd)
      const tail = Buffer.alloc(Math.min(length, size))
      for (let at = 0, read = -1; at < tail.length && read !== 0; at += read)
        read = readSync(fd, tail, at, tail.length - at, size - tail.length + at)
      return tail
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    throw fileError(path, error)
  }
}
