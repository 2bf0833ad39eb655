/** Encodes one column of a row group: an optional dictionary page, then data pages (version 1), each compressed. */
import * as zlib from 'node:zlib'
import { MillraceError } from '@millrace/plan'
import { type ColumnChunk, type ColumnMetaData, library, type SchemaElement } from '../library.ts'
import { packedRun } from './bits.ts'
import type { ColumnBuffer } from './column-buffer.ts'

export type ParquetCompression = 'snappy' | 'gzip' | 'zstd' | 'none'

const CODECS = { snappy: 'SNAPPY', gzip: 'GZIP', zstd: 'ZSTD', none: 'UNCOMPRESSED' } as const
const native = zlib as typeof zlib & { zstdCompressSync?: (bytes: Uint8Array) => Uint8Array }

/** Throws a MillraceError if this Node cannot compress so. */
export function checkCompression(compression: ParquetCompression): void {
  if (compression !== 'zstd' || native.zstdCompressSync !== undefined) return
  throw new MillraceError(
    'UNSUPPORTED',
    `invalid compression: zstd cannot be written by Node ${process.versions.node}`,
    {
      hint: "Use compression 'snappy' or 'gzip', or run on Node 22.15 or later.",
    },
  )
}

export interface EncodedChunk {
  readonly parts: readonly Uint8Array[]
  readonly length: number
  readonly chunk: ColumnChunk
}

/** @param offset where in the file the chunk will begin */
export function encodeChunk(
  buffer: ColumnBuffer,
  element: SchemaElement,
  compression: ParquetCompression,
  offset: number,
): EncodedChunk {
  const pages = new PageList(compression)
  const dictionary = buffer.dictionary()
  if (dictionary !== undefined) pages.dictionary(dictionary.values, dictionary.count)
  const dataOffset = offset + pages.length
  const presence = buffer.presence()
  const encoding = dictionary === undefined ? 'PLAIN' : 'RLE_DICTIONARY'
  let row = 0
  let value = 0
  do {
    const valueEnd = buffer.pageEnd(value)
    const rowEnd =
      presence === undefined || valueEnd === buffer.count
        ? rowsUpTo(buffer, valueEnd)
        : rowBehind(presence, row, valueEnd - value)
    const levels = presence === undefined ? undefined : packedRun(presence, row, rowEnd, 1)
    pages.data(levels, buffer.encode(value, valueEnd), rowEnd - row, encoding)
    row = rowEnd
    value = valueEnd
  } while (row < buffer.rows)
  const bounds = buffer.bounds()
  const metadata: ColumnMetaData = {
    type: element.type!,
    encodings: dictionary === undefined ? ['PLAIN', 'RLE'] : ['PLAIN', 'RLE', 'RLE_DICTIONARY'],
    path_in_schema: [element.name],
    codec: CODECS[compression],
    num_values: BigInt(buffer.rows),
    total_uncompressed_size: BigInt(pages.uncompressed),
    total_compressed_size: BigInt(pages.length),
    data_page_offset: BigInt(dataOffset),
    statistics: {
      null_count: BigInt(buffer.rows - buffer.count),
      ...(bounds === undefined ? {} : { min_value: bounds.min, max_value: bounds.max }),
    },
  }
  if (dictionary !== undefined) metadata.dictionary_page_offset = BigInt(offset)
  return { parts: pages.parts, length: pages.length, chunk: { file_offset: BigInt(offset), meta_data: metadata } }
}

/** All rows if all values are taken, else as many as values, none being absent. */
function rowsUpTo(buffer: ColumnBuffer, valueEnd: number): number {
  return valueEnd === buffer.count ? buffer.rows : valueEnd
}

/** The row behind the one that holds the last of so many values. */
function rowBehind(presence: Int32Array, from: number, values: number): number {
  let row = from
  for (let left = values; left > 0; row++) left -= presence[row]!
  return row
}

class PageList {
  readonly parts: Uint8Array[] = []
  length = 0
  uncompressed = 0
  readonly #compression: ParquetCompression

  constructor(compression: ParquetCompression) {
    this.#compression = compression
  }

  dictionary(values: Uint8Array, count: number): void {
    const stored = this.#compressed(values)
    this.#add(
      {
        type: 'DICTIONARY_PAGE',
        uncompressed_page_size: values.length,
        compressed_page_size: stored.length,
        dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
      },
      values.length,
      stored,
    )
  }

  data(levels: Uint8Array | undefined, values: Uint8Array, rows: number, encoding: 'PLAIN' | 'RLE_DICTIONARY'): void {
    const page = levels === undefined ? values : withLevels(levels, values)
    const stored = this.#compressed(page)
    this.#add(
      {
        type: 'DATA_PAGE',
        uncompressed_page_size: page.length,
        compressed_page_size: stored.length,
        data_page_header: {
          num_values: rows,
          encoding,
          definition_level_encoding: 'RLE',
          repetition_level_encoding: 'RLE',
        },
      },
      page.length,
      stored,
    )
  }

  #add(header: Parameters<typeof library.writePageHeader>[1], uncompressed: number, stored: Uint8Array): void {
    const writer = new library.ByteWriter()
    library.writePageHeader(writer, header)
    const bytes = writer.getBytes()
    this.parts.push(bytes, stored)
    this.length += bytes.length + stored.length
    this.uncompressed += bytes.length + uncompressed
  }

  #compressed(bytes: Uint8Array): Uint8Array {
    switch (this.#compression) {
      case 'snappy':
        return library.snappyCompress(bytes)
      case 'gzip':
        return zlib.gzipSync(bytes, { level: 5 })
      case 'zstd':
        return native.zstdCompressSync!(bytes)
      case 'none':
        return bytes
    }
  }
}

/** Definition levels are preceded by their length. */
function withLevels(levels: Uint8Array, values: Uint8Array): Uint8Array {
  const page = new Uint8Array(4 + levels.length + values.length)
  new DataView(page.buffer).setUint32(0, levels.length, true)
  page.set(levels, 4)
  page.set(values, 4 + levels.length)
  return page
}
