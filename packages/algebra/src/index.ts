export { BATCH_ROWS, Batch } from './batch.ts'
export { batchBytes } from './batch-bytes.ts'
export { BatchBuilder } from './builder.ts'
export type { ColumnBuilder } from './builders/column-builder.ts'
export { columnBuilder } from './builders/create.ts'
export {
  AnyColumn,
  BigintColumn,
  BooleanColumn,
  bitmapBytes,
  type Column,
  type ColumnKind,
  Dictionary,
  DictionaryColumn,
  DoubleColumn,
  Int32Column,
  isValid,
  setValid,
  Utf8Column,
  type Validity,
} from './column.ts'
export { compact, compactColumn } from './compact.ts'
export type { Comparator } from './compare/column.ts'
export { compareRows, equalRows, type SortDirection } from './compare/rows.ts'
export { sortPermutation } from './compare/sort.ts'
export { compareText } from './compare/text.ts'
export { compareValues } from './compare/value.ts'
export { concat } from './concat.ts'
export { decodeBatch, frameLength, framePreview, type Origin } from './frame/decode.ts'
export { EdgeDecoder } from './frame/edge-decoder.ts'
export { EdgeEncoder } from './frame/edge-encoder.ts'
export { encodeBatch } from './frame/encode.ts'
export { EncodedColumn } from './frame/encoded-column.ts'
export { FrameError } from './frame/frame-error.ts'
export { FrameWriter } from './frame/frame-writer.ts'
export { OpaqueDecoder } from './frame/opaque-decode.ts'
export { OpaqueEncoder } from './frame/opaque-encode.ts'
export { gather } from './gather.ts'
export { hashContent } from './hash-content.ts'
export { keyIndex } from './keys/create-key-index.ts'
export { encodeKey } from './keys/encoding.ts'
export { GROUP_SHIFT, KEY_FORMAT_VERSION, KEY_GROUPS } from './keys/format.ts'
export { hashRows } from './keys/hash-rows.ts'
export { hashValue } from './keys/hash-value.ts'
export { KeyIndex, type KeyLayout } from './keys/key-index.ts'
export { type DataType, type Field, field, Schema, type TypeKind, typeOf } from './schema.ts'
export { slice } from './slice.ts'
export { structurallyEqual } from './structure/equal.ts'
export { decodeUtf8, utf8Length, writeUtf8 } from './utf8.ts'
export { showValue, ValueError } from './value-error.ts'
export { add, consolidate, negate } from './zset.ts'
