/**
 * Expressions over the columns of one row: what the typed API's `where`, `select` and aggregates build, and what SQL
 * will compile to. A tree of frozen nodes, each of which knows its type and whether it may be null.
 *
 * Null follows SQL: an operation on null is null; `and`, `or` are three-valued; a filter keeps a row only on true.
 */
import type { DataType } from '@millrace/algebra'
import type { OperationName } from './operation-names.ts'

export interface ColumnReference {
  readonly kind: 'column'
  /** Of an opaque input: the property of that name. */
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
}

export interface Literal {
  readonly kind: 'literal'
  readonly value: string | number | bigint | boolean | null
  readonly type: DataType
  readonly nullable: boolean
}

export interface Call {
  readonly kind: 'call'
  readonly operation: OperationName
  readonly operands: readonly Expression[]
  readonly type: DataType
  readonly nullable: boolean
}

export type Expression = ColumnReference | Literal | Call
