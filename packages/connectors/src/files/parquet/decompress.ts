/** Pages decompressed: by Node where it can, otherwise by hyparquet's companions. */
import * as zlib from 'node:zlib'
import { type ColumnMetaData, library } from './library.ts'

type Codec = ColumnMetaData['codec']

const MAX_PAGE_BYTES = 2 ** 30
const native = zlib as typeof zlib & { zstdDecompressSync?: (bytes: Uint8Array) => Uint8Array }

/** Throws a plain error for data that is damaged, the caller knows where it lies. */
export function decompressPage(bytes: Uint8Array, length: number, codec: Codec): Uint8Array {
  if (codec === 'UNCOMPRESSED' || length === 0) return bytes
  if (length > MAX_PAGE_BYTES) throw new RangeError(`a page of ${length} bytes (at most ${MAX_PAGE_BYTES})`)
  const page = decompressed(bytes, length, codec)
  if (page.length !== length) throw new RangeError(`a page of ${page.length} bytes instead of ${length}`)
  return page
}

function decompressed(bytes: Uint8Array, length: number, codec: Codec): Uint8Array {
  if (codec === 'GZIP') return zlib.gunzipSync(bytes, { maxOutputLength: length })
  if (codec === 'BROTLI') return zlib.brotliDecompressSync(bytes, { maxOutputLength: length })
  if (codec === 'ZSTD' && native.zstdDecompressSync !== undefined) {
    const page = native.zstdDecompressSync(bytes)
    if (page.length === length) return page // it stops after the first of several frames
  }
  const decompress = library.compressors[codec]
  if (decompress === undefined) throw new RangeError(`unknown compression: ${codec}`)
  return decompress(bytes, length)
}
