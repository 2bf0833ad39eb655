import type { Field } from '../schema.ts'
import type { ColumnBuilder } from './column-builder.ts'
import { DoubleBuilder, Int32Builder, TimestampBuilder } from './number.ts'
import { AnyBuilder, BigintBuilder, BooleanBuilder } from './scalar.ts'
import { TextBuilder } from './text.ts'

/** The builder of a field's type; `capacity` rows fit before it grows. */
export function columnBuilder(field: Field, capacity: number): ColumnBuilder {
  switch (field.type.kind) {
    case 'int32':
      return new Int32Builder(field, capacity)
    case 'double':
      return new DoubleBuilder(field, capacity)
    case 'timestamp':
      return new TimestampBuilder(field, capacity)
    case 'bigint':
      return new BigintBuilder(field, capacity)
    case 'boolean':
      return new BooleanBuilder(field, capacity)
    case 'text':
      return new TextBuilder(field, capacity)
    case 'any':
      return new AnyBuilder(field)
  }
}
