export { BATCH_ROWS, Batch } from './batch.ts'
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
export { type DataType, type Field, field, Schema, type TypeKind, typeOf } from './schema.ts'
export { decodeUtf8, utf8Length, writeUtf8 } from './utf8.ts'
