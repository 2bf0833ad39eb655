/** What declarations of rows mean in the type. */
import type { Columns, ColumnType, OutputOf, RowOf, StandardSchema } from '@millrace/runtime'

/** The row that columns or a validator declare. */
export type Declares<S> = S extends StandardSchema ? OutputOf<S> : S extends Columns ? RowOf<S> : never

/** Column types for the properties of `U`. */
export type RowColumns<U> = { readonly [N in keyof U]: ColumnType }
