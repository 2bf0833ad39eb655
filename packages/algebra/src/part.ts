import type { Column, ColumnKind } from './column.ts'
import type { Selection } from './dense.ts'

/** One batch's share of a column that is put together from several. */
export interface Part<C extends Column = Column> {
  readonly column: C
  readonly selection: Selection
  readonly length: number
}

type Of<K extends ColumnKind> = Extract<Column, { readonly kind: K }>

export function allOfKind<K extends ColumnKind>(parts: readonly Part[], kind: K): parts is readonly Part<Of<K>>[] {
  return parts.every(part => part.column.kind === kind)
}
