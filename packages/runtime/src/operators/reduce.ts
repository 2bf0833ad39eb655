/**
 * Rows of a key folded two by two, without a window.
 *
 * Law: bounded: f(... f(row 1, row 2) ..., row n) of each key, once, when the input has ended. Otherwise the integral of
 * the output at the end of each epoch is that over every row so far: for each key touched in the epoch, minus what it
 * was before, plus what it is now (Budiu et al., DBSP, VLDB 2023, section 4.2).
 * State: the folded row by key. What keys were before the epoch is remembered within it. Keys leave by ascending id.
 * Cost: one hash probe and one call a row; two output rows a key touched in an epoch.
 */
import { type Batch, type Schema, structurallyEqual } from '@millrace/algebra'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import type { KeyedValues } from '../state/keyed-values.ts'
import { requireAppends } from './append-only.ts'
import { foldedValue } from './fold-value.ts'
import { RowOutput } from './row-output.ts'
import type { RowSource } from './row-source.ts'
import { userFailure } from './user-failure.ts'

export interface ReduceOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns that are the key. */
  readonly key: readonly number[]
  /** The rows folded; the result is one of them. */
  readonly row: RowSource
  readonly fn: (a: never, b: never) => unknown
  readonly bounded: boolean
  /** Rows in an output batch; default 1024. */
  readonly batchRows?: number
}

export function reduceOperator(options: ReduceOptions): OperatorSpec {
  const { label, site, name, schema, key, row, bounded } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema, key: { columns: key, missing: 'insert' } }],
    outputs: [row.schema],
    state: { folded: { kind: 'keyedValues' } },
    needsEpochs: !bounded,
    create: ({ folded }, context) => new Reduce(options, folded, context),
  })
}

class Reduce implements Operator {
  readonly #bounded: boolean
  readonly #fn: (a: unknown, b: unknown) => unknown
  readonly #folded: KeyedValues
  readonly #context: OperatorContext
  readonly #read: RowReader
  readonly #output: RowOutput
  /** What keys touched in this epoch were before it; undefined: nothing. */
  readonly #before = new Map<number, unknown>()
  /** Ids to emit, ascending, once that has begun. */
  #ids: Int32Array | undefined
  #next = 0

  constructor(options: ReduceOptions, folded: KeyedValues, context: OperatorContext) {
    this.#bounded = options.bounded
    this.#fn = options.fn as (a: unknown, b: unknown) => unknown
    this.#folded = folded
    this.#context = context
    this.#read = rowReader(options.row.schema, options.row.columns)
    this.#output = new RowOutput(options.row.schema, context, 0, options.batchRows)
  }

  process(batch: Batch): void {
    requireAppends(batch, 'reduce')
    const { ids } = this.#context
    const { selection, length } = batch
    try {
      for (let i = 0; i < length; i++) {
        const row = this.#read(batch, selection === null ? i : selection[i])
        const before = this.#folded.get(ids[i])
        if (!this.#bounded && !this.#before.has(ids[i])) this.#before.set(ids[i], before)
        const value = before === undefined ? (row ?? null) : this.#fn(before, row)
        this.#folded.set(ids[i], foldedValue('reduce', value))
      }
    } catch (error) {
      throw userFailure(error)
    }
  }

  onEpoch(): Done {
    if (this.#bounded) return true
    this.#ids ??= Int32Array.from(this.#before.keys()).sort()
    return this.#emit(this.#ids, id => this.#change(this.#before.get(id), this.#folded.get(id)))
  }

  onEnd(): Done {
    if (!this.#bounded) return true
    this.#ids ??= Int32Array.from(this.#folded.ids())
    return this.#emit(this.#ids, id => this.#change(undefined, this.#folded.get(id)))
  }

  #emit(ids: Int32Array, emit: (id: number) => void): Done {
    try {
      while (this.#next < ids.length) {
        if (this.#context.full) return false
        emit(ids[this.#next++])
      }
      this.#output.flush()
    } catch (error) {
      throw userFailure(error)
    }
    this.#before.clear()
    this.#ids = undefined
    this.#next = 0
    return true
  }

  #change(before: unknown, after: unknown): void {
    if (structurallyEqual(before, after)) return // where state is on disk, what stays the same may come back as another object
    if (before !== undefined) this.#output.add(before, undefined, -1)
    this.#output.add(after, undefined)
  }
}
