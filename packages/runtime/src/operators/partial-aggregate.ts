/**
 * The first of two phases of an aggregate on several workers: each worker's own rows, before they go to the worker that
 * has their key (Gray et al., Data Cube, 1997, section 5: sub-aggregates of distributive and algebraic functions).
 *
 * Law: merging the rows that come out, by key, gives the accumulators of the rows that went in. How they were put
 * together does not show in counts and extremes; sums are compensated, and differ by rounding alone.
 * Rows go out at the end of an epoch or of the input, and as soon as there are more than `mostKeys` keys. If that does
 * not halve at least `decideAfter` rows, the next ones go through as they come, each as an accumulator of one row, before
 * it is tried again: twice as many each time, since epochs are short on rows while a job warms up, but keys may be many.
 * State: accumulators by key id, none at the end of an epoch; the keys that there were (`known`), which stay from epoch to
 * epoch, since most come again and a new one costs ten probes, until there are too many and all go at once; rows in and
 * out, how many are to go through, and would be. None of it is worth a place in checkpoints.
 * Cost: one hash probe and one update a row, one row out a key and epoch; no probe where rows go through.
 */
import { Batch, type Column, compact, Schema } from '@millrace/algebra'
import { AggregateKernel } from '../aggregate/kernel.ts'
import type { Table } from '../aggregate/table.ts'
import { mayGenerate } from '../chain/may-generate.ts'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { gatherArray, type StateArray, stateArray } from '../state/arrays.ts'
import type { CellState } from '../state/cell.ts'
import type { ColumnsState } from '../state/columns.ts'
import type { AggregateOptions } from './aggregate.ts'
import { OUTPUT_ROWS } from './results.ts'

export interface PartialAggregateOptions extends Omit<AggregateOptions, 'output' | 'name' | 'partial'> {
  /** Keys held at most, but for those of one batch; default 262,144. */
  readonly mostKeys?: number
  /** Rows by which it is seen whether there are fewer rows out than in; default 8192. */
  readonly decideAfter?: number
  /** Rows that go through after the first time that there are not; default 65,536. */
  readonly through?: number
}

/** Some 30 bytes each. Of 130,000 in use, 65,536 at a time would come out as 0.72 of their rows. */
const MOST_KEYS = 1 << 18
const DECIDE_AFTER = 8192
const THROUGH = 1 << 16

/** Rows out for each row in, above which putting rows together is not worth it. */
const WORTH_IT = 0.5

interface Seen {
  readonly rowsIn: number
  readonly rowsOut: number
  /** Rows still to go through. */
  readonly through: number
  /** How many the next time. */
  readonly next: number
}

export function partialAggregateOperator(options: PartialAggregateOptions): OperatorSpec {
  const { label, site, schema, key, aggregates, bounded, through = THROUGH } = options
  const output = partialSchema(options)
  return operatorSpec({
    label,
    role: 'partial',
    transient: true,
    site,
    inputs: [{ schema, key: { columns: key, missing: 'insert' }, exchange: 'forward' }],
    outputs: [output],
    state: {
      table: { kind: 'columns', fields: aggregates.flatMap(a => a.accumulator.fields) },
      known: { kind: 'columns', fields: [] },
      seen: { kind: 'cell', initial: (): Seen => ({ rowsIn: 0, rowsOut: 0, through: 0, next: through }) },
    },
    needsEpochs: !bounded,
    create: (state, context) => new PartialAggregate(options, output, state, context),
  })
}

/** The key, then the fields of each aggregate's accumulator. */
export function partialSchema({ schema, key, aggregates }: PartialAggregateOptions): Schema {
  const fields = [...key.map(c => schema.fields[c]!), ...aggregates.flatMap(a => a.accumulator.fields)]
  return Schema.record(fields.map((f, i) => ({ ...f, name: `${i}:${f.name}` })))
}

interface State {
  readonly table: ColumnsState
  readonly known: ColumnsState
  readonly seen: CellState<Seen>
}

class PartialAggregate implements Operator {
  readonly #options: PartialAggregateOptions
  readonly #output: Schema
  readonly #table: ColumnsState
  readonly #known: ColumnsState
  readonly #seen: CellState<Seen>
  readonly #context: OperatorContext
  readonly #kernel: AggregateKernel
  readonly #rows = new SingleRows()
  #touched = new Int32Array(1024)
  /** Ids below have been sent. */
  #next = 0

  constructor(
    options: PartialAggregateOptions,
    output: Schema,
    { table, known, seen }: State,
    context: OperatorContext,
  ) {
    this.#options = options
    this.#output = output
    this.#table = table
    this.#known = known
    this.#seen = seen
    this.#context = context
    this.#kernel = new AggregateKernel(options.aggregates, options.generate ?? mayGenerate())
  }

  get readsKeys(): boolean {
    return this.#seen.value.through === 0
  }

  process(batch: Batch): void {
    const { value } = this.#seen
    if (value.through > 0) return this.#pass(batch)
    const { ids, keys } = this.#context
    this.#seen.value = { ...value, rowsIn: value.rowsIn + batch.length }
    this.#table.ensure(keys.capacity)
    if (this.#touched.length < batch.length) this.#touched = new Int32Array(batch.length)
    const { arrays, present } = this.#table
    this.#kernel.add(batch, ids, null, batch.length, { arrays, present, touched: this.#touched, size: 0 })
    if (keys.size <= (this.#options.mostKeys ?? MOST_KEYS)) return
    while (this.#sendSome()) {}
    this.#sent()
    this.#known.clearAll()
  }

  onEpoch(): Done {
    while (!this.#context.full) {
      if (this.#sendSome()) continue
      this.#sent()
      return true
    }
    return false
  }

  /** Sends the next keys' rows, by ascending id, and empties the table of them; false if there are none. */
  #sendSome(): boolean {
    const { present, arrays } = this.#table
    const { capacity, highWater } = this.#context.keys
    const end = Math.min(present.length, highWater)
    const ids = new Int32Array(OUTPUT_ROWS)
    let rows = 0
    for (; rows < OUTPUT_ROWS && this.#next < end; this.#next++) {
      ids[rows] = this.#next
      rows += present[this.#next]!
    }
    if (rows === 0) return false
    const columns = this.#context.keys.gather(ids.subarray(0, rows), rows)
    columns.push(...arrays.map(array => gatherArray(array, ids, rows)))
    this.#table.clearHeld(ids, rows)
    this.#known.ensure(capacity)
    const known = this.#known.present
    for (let i = 0; i < rows; i++) known[ids[i]!] = 1
    const { value } = this.#seen
    this.#seen.value = { ...value, rowsOut: value.rowsOut + rows }
    this.#context.emit(new Batch(this.#output, columns, rows))
    return true
  }

  /** All is sent: was it worth it? */
  #sent(): void {
    this.#next = 0
    const { rowsIn, rowsOut, next } = this.#seen.value
    if (rowsIn < (this.#options.decideAfter ?? DECIDE_AFTER)) return
    const worthIt = rowsOut <= WORTH_IT * rowsIn
    if (!worthIt) this.#known.clearAll()
    this.#seen.value = worthIt
      ? { rowsIn: 0, rowsOut: 0, through: 0, next: this.#options.through ?? THROUGH }
      : { rowsIn: 0, rowsOut: 0, through: next, next: next * 2 }
  }

  #pass(lent: Batch): void {
    const { value } = this.#seen
    this.#seen.value = { ...value, through: Math.max(0, value.through - lent.length) }
    const { key, aggregates } = this.#options
    const batch = lent.selection === null ? lent : compact(lent)
    const { length } = batch
    const fields = aggregates.flatMap(a => a.accumulator.fields)
    const table = this.#rows.table(
      length,
      fields.map(f => stateArray(f, length)),
    )
    this.#kernel.add(batch, this.#rows.ids, null, length, table)
    const columns = key.map((c): Column => batch.columns[c]!)
    columns.push(...table.arrays.map(array => gatherArray(array, this.#rows.ids, length)))
    this.#context.emit(new Batch(this.#output, columns, length))
  }
}

/** A table in which each row of a batch is a key of its own. */
class SingleRows {
  ids = new Int32Array(0)
  #present = new Uint8Array(0)
  #touched = new Int32Array(0)

  table(length: number, arrays: readonly StateArray[]): Table {
    if (this.ids.length < length) {
      this.ids = Int32Array.from({ length }, (_, i) => i)
      this.#present = new Uint8Array(length)
      this.#touched = new Int32Array(length)
    }
    this.#present.fill(0, 0, length)
    return { arrays, present: this.#present, touched: this.#touched, size: 0 }
  }
}
