/**
 * Rows made by a function of their index, at a rate if wanted. Index i belongs to split i modulo the number of splits, so
 * that the rows of a job are the same whatever the parallelism, the rate or the moment; only when they come differs.
 */
import { AnyColumn, Batch, BatchBuilder, Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import {
  type Columns,
  declaredRows,
  type Json,
  type OnError,
  type OutputOf,
  type ReaderContext,
  type RowOf,
  type RowsArgument,
  refusePromise,
  type Source,
  type Split,
  type SplitReader,
  type StandardSchema,
} from '@millrace/runtime'
import { dealtSplits, type Share, shareOf } from '../dealt-splits.ts'
import { rejectedBy } from '../reject.ts'

export interface GenerateOptions {
  /** How many rows in all; undefined: without end. */
  readonly rows?: number
  /** Rows a second, over all splits; undefined: as fast as they are taken. */
  readonly ratePerSecond?: number
  /** Default: as many as there are workers. */
  readonly splits?: number
  /** What becomes of a row that the schema refuses; default 'fail'. */
  readonly onError?: OnError
}

/** The source ends where a number of rows is given. */
type Ends<O> = O extends { readonly rows: number } ? true : false

/**
 * A source of generated rows. `make` is a pure function of the index, counted from 0: what is read again after a failure
 * is made again.
 *
 * @example
 * env.stream(generate({ ratePerSecond: 100_000, schema: { id: int32, amount: double } }, i => ({ id: i, amount: i / 2 })))
 * @example
 * const squares = env.dataset(generate({ rows: 3 }, i => i * i))
 * await squares.collect() // [0, 1, 4]
 */
export function generate<const C extends Columns, const O extends GenerateOptions>(
  options: O & { readonly schema: C },
  make: (index: number) => RowOf<C>,
): Source<RowOf<C>, Ends<O>>
export function generate<S extends StandardSchema, const O extends GenerateOptions>(
  options: O & { readonly schema: S },
  make: (index: number) => unknown,
): Source<OutputOf<S>, Ends<O>>
export function generate<T, const O extends GenerateOptions>(options: O, make: (index: number) => T): Source<T, Ends<O>>
export function generate(
  options: GenerateOptions & { readonly schema?: RowsArgument },
  make: (index: number) => unknown,
): Source<never, never> {
  const { rows, ratePerSecond, splits, onError = 'fail', schema: argument } = options
  check('rows', rows, 0, true)
  check('ratePerSecond', ratePerSecond, Number.MIN_VALUE, false)
  check('splits', splits, 1, true)
  const { schema = Schema.opaque, validate } = declaredRows(argument)
  const fn = validate === undefined ? make : (index: number) => validate(make(index))
  const shape = {
    rows: rows ?? Number.POSITIVE_INFINITY,
    rate: ratePerSecond ?? Number.POSITIVE_INFINITY,
  }
  return {
    label: rows === undefined ? 'generate' : `generate ${rows}`,
    schema,
    bounded: (rows !== undefined) as never,
    prunes: !schema.bare,
    onError,
    splits: async ({ parallelism }) => dealtSplits(splits ?? parallelism),
    open: (split, context) => new GeneratorReader(shape, fn, split, context),
    concurrentSplits: Number.POSITIVE_INFINITY,
  }
}

function check(name: string, value: number | undefined, least: number, whole: boolean): void {
  if (value === undefined || (value >= least && Number.isFinite(value) && (!whole || Number.isInteger(value)))) return
  throw new MillraceError('INVALID_OPTION', `invalid ${name}: ${value}`, {
    hint: whole ? `Give a whole number of at least ${least}.` : 'Give a number above 0.',
  })
}

interface Shape {
  readonly rows: number
  /** Rows a second of all splits. */
  readonly rate: number
}

class GeneratorReader implements SplitReader {
  readonly #shape: Shape
  readonly #make: (index: number) => unknown
  readonly #context: ReaderContext
  readonly #builder: BatchBuilder | undefined
  /** Index of the next row. */
  #next: number
  readonly #share: Share
  /** When this reader began, and rows made since. Row `index + made * count` from there is due as many rows later. */
  readonly #startMs: number
  #made = 0
  #cancel: (() => void) | undefined

  constructor(shape: Shape, make: (index: number) => unknown, split: Split, context: ReaderContext) {
    this.#shape = shape
    this.#make = make
    this.#context = context
    this.#builder = Schema.isOpaque(context.schema) ? undefined : new BatchBuilder(context.schema)
    this.#share = shareOf(split)
    this.#next = typeof split.offset === 'number' ? split.offset : this.#share.index
    this.#startMs = context.host.now()
  }

  poll(maxRows: number): Batch | 'wait' | 'end' {
    const left = Math.ceil((this.#shape.rows - this.#next) / this.#share.count)
    if (left <= 0) return 'end'
    const count = Math.min(maxRows, left, this.#due())
    if (count === 0) return this.#wait()
    this.#made += count
    const batch = this.#builder === undefined ? this.#opaque(count) : this.#columns(this.#builder, count)
    return batch.length > 0 ? batch : this.#pollAgain()
  }

  offset(): Json {
    return this.#next
  }

  close(): void {
    this.#cancel?.()
  }

  /** Rows that may be made now: row 0 at once, the others one after another, whichever split they belong to. */
  #due(): number {
    const { rate } = this.#shape
    if (rate === Number.POSITIVE_INFINITY) return rate
    const elapsedMs = this.#context.host.now() - this.#startMs
    const { index, count } = this.#share
    return Math.max(0, Math.floor(((elapsedMs * rate) / 1000 - index) / count) + 1 - this.#made)
  }

  #wait(): 'wait' {
    const { index, count } = this.#share
    const dueMs = this.#startMs + Math.ceil(((index + this.#made * count) * 1000) / this.#shape.rate)
    this.#cancel?.()
    // What rounding lets come a moment too early must not be asked for at the same moment again.
    this.#cancel = this.#context.host.timer(Math.max(dueMs, this.#context.host.now() + 1), () => this.#context.wake())
    return 'wait'
  }

  /** All rows were refused: others must have their turn all the same. */
  #pollAgain(): 'wait' {
    let cancelled = false
    this.#cancel = () => {
      cancelled = true
    }
    void this.#context.host.yield().then(() => {
      if (!cancelled) this.#context.wake()
    })
    return 'wait'
  }

  #opaque(count: number): Batch {
    const values: unknown[] = []
    for (let i = 0; i < count; i++) this.#attempt(value => values.push(value))
    return new Batch(this.#context.schema, [new AnyColumn(values)], values.length)
  }

  #columns(builder: BatchBuilder, count: number): Batch {
    builder.clear()
    for (let i = 0; i < count; i++) this.#attempt(value => builder.append(value))
    return builder.build()
  }

  #attempt(take: (value: unknown) => void): void {
    const index = this.#next
    this.#next += this.#share.count
    let value: unknown
    try {
      value = this.#make(index)
      refusePromise('generate', value)
      take(value)
    } catch (error) {
      if (error instanceof MillraceError) throw error.with({ at: `generate:${index}` })
      const rejected = rejection(error, index, value)
      if (rejected === undefined)
        throw new MillraceError('USER_FUNCTION', `invalid row: ${String(error)}`, {
          at: `generate:${index}`,
          cause: error,
        })
      this.#context.reject(rejected)
    }
  }
}

/** Undefined: the function itself has failed. */
function rejection(error: unknown, index: number, value: unknown) {
  try {
    return rejectedBy(error, `generate:${index}`, String(value))
  } catch {
    return undefined
  }
}
