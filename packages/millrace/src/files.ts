/** `millrace/files`: CSV, JSON Lines, Parquet and text, as sources and sinks. */
export {
  type Compression,
  type CsvOptions,
  csv,
  type FileFormat,
  type FileOptions,
  type FilePath,
  type JsonLinesOptions,
  jsonLines,
  type ParquetOptions,
  parquet,
  type RollingOptions,
  textLines,
} from '@millrace/connectors'
