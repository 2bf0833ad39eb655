/**
 * Compressed files. gzip is Node's own; zstd is Node's own where it has it (22.15, 23.8 and later), and otherwise read
 * by fzstd, which does not verify checksums, and not written.
 */
import { PassThrough, type Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { MillraceError } from '@millrace/plan'
import { FzstdDecompressor, NativeZstdDecompressor } from './zstd-streams.ts'

export type Compression = 'none' | 'gzip' | 'zstd'

const ENDINGS: Record<Compression, string> = { none: '', gzip: '.gz', zstd: '.zst' }

/** The compression a user chose, or what the file's ending says. */
export function compressionOf(path: string, chosen: Compression | undefined): Compression {
  if (chosen !== undefined) return chosen
  return path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'none'
}

/** `.csv`, compressed: `.csv.gz`. */
export function withEnding(ending: string, compression: Compression): string {
  return ending + ENDINGS[compression]
}

/** All endings a format's files may have: `.csv`, `.csv.gz`, `.csv.zst`. */
export function allEndings(ending: string): readonly string[] {
  return Object.values(ENDINGS).map(compressed => ending + compressed)
}

interface NativeZstd {
  createZstdCompress?(): Transform
  createZstdDecompress?(options: { chunkSize: number }): Transform
}

const native = zlib as typeof zlib & NativeZstd

/** A stream that decompresses; several members or frames one after another count as one file. */
export function decompressor(compression: Compression): Transform {
  if (compression === 'none') return new PassThrough()
  if (compression === 'gzip') return zlib.createGunzip({ chunkSize: CHUNK })
  const open = native.createZstdDecompress
  return open === undefined ? new FzstdDecompressor() : new NativeZstdDecompressor(() => open({ chunkSize: CHUNK }))
}

const CHUNK = 128 * 1024

/** Whether this Node can write such files. */
export function canCompress(compression: Compression): boolean {
  return compression !== 'zstd' || native.createZstdCompress !== undefined
}

/** A stream that compresses. Throws a MillraceError if this Node cannot. */
export function compressor(compression: Compression): Transform {
  if (compression === 'none') return new PassThrough()
  if (compression === 'gzip') return zlib.createGzip({ chunkSize: CHUNK })
  const stream = native.createZstdCompress?.()
  if (stream === undefined)
    throw new MillraceError(
      'UNSUPPORTED',
      `invalid compression: zstd cannot be written by Node ${process.versions.node}`,
      {
        hint: "Use compression 'gzip', or run on Node 22.15 or later.",
      },
    )
  return stream
}

/** The error of damaged or truncated data; undefined if an error is none of the decompressor's. */
export function damage(path: string, compression: Compression, error: unknown): MillraceError | undefined {
  const { code, message } = error as Error & { code?: unknown }
  if (typeof code !== 'number' && !(typeof code === 'string' && /^(Z_|ZSTD_)/.test(code))) return undefined
  return new MillraceError('INVALID_FORMAT', `invalid ${compression} data: ${path} (${message})`, {
    hint: /unexpected (end|eof)/i.test(message) ? 'The file ends too early: was it copied in full?' : undefined,
    cause: error,
  })
}
