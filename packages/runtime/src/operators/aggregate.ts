/**
 * Grouped aggregates without a window.
 *
 * Law: bounded: agg(rows of a key) once, when the input has ended. Otherwise the integral of the output at the end of
 * each epoch is the aggregate of every row so far: for each key touched in the epoch, minus its old row, plus its new
 * one, nothing where the two are equal (Budiu et al., DBSP, VLDB 2023, section 4.2).
 * Without a key there is one group, and one result even of no row at all. Where rows may be taken back, a group goes with its
 * last row.
 * State: accumulators by key id (`totals`). Within an epoch rows go into a table of their own (`epoch`), merged into
 * the totals at its end, so empty then. Where rows may be taken back also how many rows a group has, the last of the fields.
 * Cost: one hash probe and one update a row; a merge and two output rows a key touched in an epoch.
 */
import { Batch, type Schema } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { AggregateKernel } from '../aggregate/kernel.ts'
import type { Aggregate, Table } from '../aggregate/table.ts'
import { mayGenerate } from '../chain/may-generate.ts'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { ColumnsState } from '../state/columns.ts'
import { changedRows } from './changed-rows.ts'
import { aggregateColumns, OUTPUT_ROWS, resultColumns } from './results.ts'

export interface AggregateOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  /** Input columns that are the key; none: one global group. */
  readonly key: readonly number[]
  readonly aggregates: readonly Aggregate[]
  /** What each is of what, as a checkpoint tells it. */
  readonly means?: readonly string[]
  readonly output: Schema
  readonly bounded: boolean
  /** Rows may be taken back: the aggregates are retractable, and the last of them, which is no output, counts rows. */
  readonly updating?: boolean
  /** Rows are accumulators, to be merged (see `partial-aggregate.ts`): an aggregate's column is the first of its fields. */
  readonly partial?: boolean
  readonly generate?: boolean
}

export function aggregateOperator(options: AggregateOptions): OperatorSpec {
  const { label, site, name, schema, key, aggregates, means, output, bounded } = options
  const fields = aggregates.flatMap(a => a.accumulator.fields)
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema, key: { columns: key, missing: 'insert' } }],
    outputs: [output],
    state: { totals: { kind: 'columns', fields, means }, epoch: { kind: 'columns', fields } },
    needsEpochs: !bounded,
    create: ({ totals, epoch }, context) =>
      bounded ? new FinalAggregate(options, totals, context) : new RunningAggregate(options, totals, epoch, context),
  })
}

/** The state as the kernel's table. What was touched is not asked for. */
function tableOf(state: ColumnsState, touched: Int32Array): Table {
  return { arrays: state.arrays, present: state.present, touched, size: 0 }
}

function kernelOf({ aggregates, partial, generate }: AggregateOptions): AggregateKernel {
  return new AggregateKernel(aggregates, generate ?? mayGenerate(), partial === true ? 'accumulators' : 'values')
}

class FinalAggregate implements Operator {
  readonly #options: AggregateOptions
  readonly #totals: ColumnsState
  readonly #context: OperatorContext
  readonly #kernel: AggregateKernel
  #touched = new Int32Array(1024)
  #next = 0

  constructor(options: AggregateOptions, totals: ColumnsState, context: OperatorContext) {
    this.#options = options
    this.#totals = totals
    this.#context = context
    this.#kernel = kernelOf(options)
  }

  process(batch: Batch): void {
    this.#totals.ensure(this.#context.keys.capacity)
    if (this.#touched.length < batch.length) this.#touched = new Int32Array(batch.length)
    this.#kernel.add(batch, this.#context.ids, null, batch.length, tableOf(this.#totals, this.#touched))
  }

  onEnd(): Done {
    const { present, arrays } = this.#totals
    const ids = new Int32Array(OUTPUT_ROWS)
    while (this.#next < present.length) {
      if (this.#context.full) return false
      let rows = 0
      while (rows < OUTPUT_ROWS && this.#next < present.length) {
        if (present[this.#next] === 1) ids[rows++] = this.#next
        this.#next++
      }
      const { aggregates, output } = this.#options
      const columns = resultColumns(this.#context.keys, aggregates, arrays, ids.subarray(0, rows))
      if (rows > 0) this.#context.emit(new Batch(output, columns, rows))
    }
    if (isEmptyWhole(this.#options, this.#context)) emitEmpty(this.#options, this.#totals, this.#context)
    return true
  }
}

/** A global aggregate of no row at all: still one result, as in SQL. */
function isEmptyWhole({ key }: AggregateOptions, { keys }: OperatorContext): boolean {
  return key.length === 0 && keys.size === 0
}

function emitEmpty(options: AggregateOptions, totals: ColumnsState, context: OperatorContext): void {
  totals.ensure(1)
  const { output } = options
  const aggregates = shownOf(options)
  const initial = options.aggregates.flatMap(a => a.accumulator.initial)
  for (const [f, array] of totals.arrays.entries()) array[0] = initial[f] as never
  context.emit(new Batch(output, aggregateColumns(aggregates, totals.arrays, new Int32Array(1)), 1))
}

/** Those that are columns of the result. */
function shownOf({ aggregates, updating }: AggregateOptions): readonly Aggregate[] {
  return updating === true ? aggregates.slice(0, -1) : aggregates
}

function takenTwice(rows: number): MillraceError {
  return new MillraceError('INVALID_VALUE', `invalid changes: a group of ${rows} rows`, {
    hint: 'each row that is taken back must have come before, once for each time',
  })
}

/** Touched keys are sorted by a look at all if they are at least so many of them. */
const DENSE_SHARE = 1 / 16

/** The weights of rows taken back. */
const minus = new Int32Array(OUTPUT_ROWS).fill(-1)

class RunningAggregate implements Operator {
  readonly #options: AggregateOptions
  readonly #totals: ColumnsState
  readonly #context: OperatorContext
  readonly #kernel: AggregateKernel
  readonly #epoch: ColumnsState
  #touched = new Int32Array(0)
  #size = 0
  #next = 0
  /** Ids of groups without a row, of this epoch. */
  #gone: number[] = []
  readonly #had = new Uint8Array(OUTPUT_ROWS)
  /** Where the merge puts the ids that are new; nobody asks. */
  readonly #merged = new Int32Array(OUTPUT_ROWS)

  constructor(options: AggregateOptions, totals: ColumnsState, epoch: ColumnsState, context: OperatorContext) {
    this.#options = options
    this.#totals = totals
    this.#epoch = epoch
    this.#context = context
    this.#kernel = kernelOf(options)
  }

  process(batch: Batch): void {
    const { capacity } = this.#context.keys
    this.#totals.ensure(capacity)
    this.#epoch.ensure(capacity)
    if (this.#touched.length < capacity) {
      const larger = new Int32Array(capacity)
      larger.set(this.#touched)
      this.#touched = larger
    }
    const table = this.#epochTable(0, this.#size)
    this.#kernel.add(batch, this.#context.ids, null, batch.length, table)
    this.#size = table.size
  }

  onEpoch(): Done {
    if (this.#next === 0) this.#order()
    while (this.#next < this.#size) {
      if (this.#context.full) return false
      const to = Math.min(this.#next + OUTPUT_ROWS, this.#size)
      this.#emitChanges(this.#next, to)
      this.#next = to
    }
    this.#epoch.clearHeld(this.#touched, this.#size)
    for (const id of this.#gone) this.#totals.clear(id)
    this.#gone = []
    this.#size = 0
    this.#next = 0
    return true
  }

  onEnd(): Done {
    if (isEmptyWhole(this.#options, this.#context)) emitEmpty(this.#options, this.#totals, this.#context)
    return true
  }

  /** Many keys go by ascending id, so that memory is read from one end to the other: a third of the cost an output row. */
  #order(): void {
    const { present } = this.#epoch
    if (this.#size < DENSE_SHARE * present.length) return
    const touched = this.#touched
    let size = 0
    for (let id = 0; id < present.length && size < this.#size; id++) {
      touched[size] = id
      size += present[id]!
    }
  }

  /** Old rows out, new rows in, for the keys touched from one position to another. */
  #emitChanges(from: number, to: number): void {
    const { present, arrays } = this.#totals
    const { output } = this.#options
    const aggregates = shownOf(this.#options)
    const ids = this.#touched.subarray(from, to)
    const had = this.#had.subarray(0, ids.length)
    for (let i = 0; i < ids.length; i++) had[i] = present[ids[i]!]!
    const before = aggregateColumns(aggregates, arrays, ids)
    this.#kernel.merge(this.#epochTable(from, to), { arrays, present, touched: this.#merged, size: 0 })
    const after = aggregateColumns(aggregates, arrays, ids)
    const keys = this.#context.keys.gather(ids, ids.length)
    const { removed, added } = changedRows(before, after, had, this.#has(ids))
    const some = (rows: Int32Array): Int32Array | null => (rows.length === ids.length ? null : rows)
    this.#context.emit(new Batch(output, [...keys, ...before], removed.length, some(removed), minus))
    this.#context.emit(new Batch(output, [...keys, ...after], added.length, some(added)))
  }

  /** Which groups have a row; null: all of them. */
  #has(ids: Int32Array): Uint8Array | null {
    const { updating, key } = this.#options
    if (updating !== true || key.length === 0) return null
    const counts = this.#totals.arrays.at(-1) as Float64Array
    const has = new Uint8Array(ids.length)
    for (let i = 0; i < ids.length; i++) {
      const rows = counts[ids[i]!]!
      if (rows < 0) throw takenTwice(rows)
      has[i] = rows === 0 ? 0 : 1
      if (rows === 0) this.#gone.push(ids[i]!)
    }
    return has
  }

  #epochTable(from: number, to: number): Table {
    const { arrays, present } = this.#epoch
    const touched = from === 0 ? this.#touched : this.#touched.subarray(from, to)
    return { arrays, present, touched, size: to - from }
  }
}
