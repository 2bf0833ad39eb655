import type { Field, TypeKind } from '../schema.ts'
import { AnyKeys } from './any-keys.ts'
import { BigintKeys } from './bigint-keys.ts'
import { BooleanKeys } from './boolean-keys.ts'
import { DoubleKeys } from './double-keys.ts'
import { Int32Keys } from './int32-keys.ts'
import type { KeyColumn } from './key-column.ts'
import { KeyIndex } from './key-index.ts'
import { TextKeys } from './text-keys.ts'

/**
 * An empty index over keys of these fields. No field at all is one key: that of a global operator.
 *
 * An index takes the columns that hold its types: `double` and `timestamp` also int32 columns, `text` dictionaries
 * and UTF-8, `any` all. A key that may be of several types, or come from columns of several, is declared `any`.
 *
 * @example
 * const index = keyIndex([field('user', 'text'), field('day', 'int32')])
 * index.resolve([users, days], batch.selection, batch.length, ids)
 * for (let i = 0; i < batch.length; i++) counts[ids[i]]++
 */
export function keyIndex(fields: readonly Field[]): KeyIndex {
  const sole = fields.length === 1
  return new KeyIndex(
    fields,
    fields.map(field => keyColumn(field.type.kind, sole)),
  )
}

function keyColumn(kind: TypeKind, sole: boolean): KeyColumn {
  switch (kind) {
    case 'int32':
      return new Int32Keys(sole)
    case 'double':
    case 'timestamp':
      return new DoubleKeys()
    case 'bigint':
      return new BigintKeys()
    case 'boolean':
      return new BooleanKeys()
    case 'text':
      return new TextKeys()
    case 'any':
      return new AnyKeys()
  }
}
