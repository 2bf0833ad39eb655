/**
 * hyparquet and hyparquet-writer, loaded when the first Parquet file is looked at: whoever reads none does not pay for it. What is used of it
 * is the format: the footer, page headers, Snappy, and the rarer encodings. Pages are decoded and encoded here, from and to
 * typed columns; their own ways go through an array of JavaScript values a column.
 */
import { createRequire } from 'node:module'

export type { ColumnChunk, ColumnMetaData, FileMetaData, RowGroup, SchemaElement } from 'hyparquet'

type Metadata = typeof import('hyparquet/src/metadata.js')
type Column = typeof import('hyparquet/src/column.js')
type Delta = typeof import('hyparquet/src/delta.js')
type Encoding = typeof import('hyparquet/src/encoding.js')
type DataPage = typeof import('hyparquet-writer/src/datapage.js')
type WriterMetadata = typeof import('hyparquet-writer/src/metadata.js')
type ByteWriter = typeof import('hyparquet-writer/src/bytewriter.js')
type Snappy = typeof import('hyparquet-writer/src/snappy.js')

const load = createRequire(import.meta.url)

export const library = {
  get parquetMetadata() {
    return (load('hyparquet/src/metadata.js') as Metadata).parquetMetadata
  },
  get parquetHeader() {
    return (load('hyparquet/src/column.js') as Column).parquetHeader
  },
  get delta() {
    return load('hyparquet/src/delta.js') as Delta
  },
  get byteStreamSplit() {
    return (load('hyparquet/src/encoding.js') as Encoding).byteStreamSplit
  },
  get writePageHeader() {
    return (load('hyparquet-writer/src/datapage.js') as DataPage).writePageHeader
  },
  get writeMetadata() {
    return (load('hyparquet-writer/src/metadata.js') as WriterMetadata).writeMetadata
  },
  get ByteWriter() {
    return (load('hyparquet-writer/src/bytewriter.js') as ByteWriter).ByteWriter
  },
  get snappyCompress() {
    return (load('hyparquet-writer/src/snappy.js') as Snappy).snappyCompress
  },
  /** Decompressors of what Node itself does not decompress. */
  get compressors() {
    return (load('hyparquet-compressors') as typeof import('hyparquet-compressors')).compressors
  },
}
