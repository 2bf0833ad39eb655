/**
 * Rows that are in memory already. A split is a range of them, an offset the position of the next row.
 */
import { AnyColumn, Batch, BatchBuilder, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Columns,
  type DeclaredRows,
  declaredRows,
  type OnError,
  type OutputOf,
  type ReaderContext,
  type RowOf,
  type RowsArgument,
  type Source,
  type Split,
  type SplitReader,
  type StandardSchema,
} from '@millrace/runtime'
import { rejectedBy } from '../reject.ts'

export interface RowsOptions {
  /** Into how many splits the rows are divided, in order and evenly; default 1. */
  readonly splits?: number
  /** What becomes of a row that the schema refuses; default 'fail'. */
  readonly onError?: OnError
}

/**
 * A source of rows that are in memory. With columns the rows travel as columns; with a validator as what it returns, in
 * columns where it tells their types; with neither as the objects they are, which must then not be changed while the job runs.
 *
 * @example
 * const rows = env.dataset(fromRows([{ user: 'ann', amount: 3 }], { user: text, amount: int32 }))
 * await rows.collect() // [{ user: 'ann', amount: 3 }]
 */
export function fromRows<T>(rows: Iterable<T>): Source<T, true>
export function fromRows<T>(rows: Iterable<T>, schema: undefined, options?: RowsOptions): Source<T, true>
export function fromRows<S extends StandardSchema>(
  rows: Iterable<unknown>,
  schema: S,
  options?: RowsOptions,
): Source<OutputOf<S>, true>
export function fromRows<const C extends Columns>(
  rows: Iterable<RowOf<C>>,
  columns: C,
  options?: RowsOptions,
): Source<RowOf<C>, true>
export function fromRows(
  rows: Iterable<unknown>,
  argument?: RowsArgument,
  options: RowsOptions = {},
): Source<unknown, true> {
  return new RowsSource(Array.isArray(rows) ? rows : [...rows], declaredRows(argument), options)
}

class RowsSource implements Source<unknown, true> {
  readonly label: string
  readonly schema: Schema
  readonly bounded = true
  readonly prunes: boolean
  readonly onError: OnError
  readonly #rows: readonly unknown[]
  readonly #validate: DeclaredRows['validate']
  readonly #splits: number

  constructor(rows: readonly unknown[], { schema, validate }: DeclaredRows, { splits = 1, onError }: RowsOptions) {
    if (!Number.isInteger(splits) || splits < 1)
      throw new MillraceError('INVALID_OPTION', `invalid splits: ${splits}`, { hint: 'Give a number of at least 1.' })
    this.label = `rows ${rows.length}`
    this.schema = schema ?? Schema.opaque
    this.prunes = !this.schema.bare
    this.onError = onError ?? 'fail'
    this.#rows = rows
    this.#validate = validate
    this.#splits = splits
  }

  async splits(): Promise<readonly Split[]> {
    return Array.from({ length: this.#splits }, (_, i) => ({ id: `${i}` }))
  }

  open(split: Split, context: ReaderContext): SplitReader {
    const { length } = this.#rows
    const index = Number(split.id)
    const from = Math.floor((length * index) / this.#splits)
    const to = Math.floor((length * (index + 1)) / this.#splits)
    const at = typeof split.offset === 'number' ? split.offset : from
    return this.#validate === undefined && Schema.isOpaque(this.schema)
      ? new OpaqueReader(this.#rows, at, to, context.schema)
      : new CheckedReader(this.#rows, at, to, this.#validate, context)
  }
}

class OpaqueReader implements SplitReader {
  readonly #rows: readonly unknown[]
  readonly #end: number
  readonly #schema: Schema
  #at: number

  constructor(rows: readonly unknown[], at: number, end: number, schema: Schema) {
    this.#rows = rows
    this.#at = at
    this.#end = end
    this.#schema = schema
  }
  poll(maxRows: number): Batch | 'end' {
    const from = this.#at
    if (from >= this.#end) return 'end'
    this.#at = Math.min(from + maxRows, this.#end)
    return new Batch(this.#schema, [new AnyColumn(this.#rows.slice(from, this.#at))], this.#at - from)
  }
  offset(): number {
    return this.#at
  }
  close(): void {}
}

class CheckedReader implements SplitReader {
  readonly #rows: readonly unknown[]
  readonly #end: number
  readonly #validate: DeclaredRows['validate']
  readonly #context: ReaderContext
  readonly #builder: BatchBuilder
  #at: number

  constructor(
    rows: readonly unknown[],
    at: number,
    end: number,
    validate: DeclaredRows['validate'],
    context: ReaderContext,
  ) {
    this.#rows = rows
    this.#at = at
    this.#end = end
    this.#validate = validate
    this.#context = context
    this.#builder = new BatchBuilder(context.schema)
  }
  poll(maxRows: number): Batch | 'end' {
    const builder = this.#builder
    builder.clear()
    while (builder.length < maxRows && this.#at < this.#end) this.#append(this.#rows[this.#at++])
    return builder.length > 0 ? builder.build() : 'end'
  }
  offset(): number {
    return this.#at
  }
  close(): void {}

  #append(row: unknown): void {
    try {
      this.#builder.append(this.#validate === undefined ? row : this.#validate(row))
    } catch (error) {
      this.#context.reject(rejectedBy(error, `rows:${this.#at}`, String(row)))
    }
  }
}
