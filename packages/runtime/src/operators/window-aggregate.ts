/**
 * Aggregates over tumbling and sliding windows of event time, on shared slices.
 *
 * Law: for each key and window [s, s + size) with a row, one row: the aggregate of the rows whose time lies in it and
 * that were not late, once the watermark has reached s + size - 1. A row is late when the last of its windows is
 * closed; it then goes to port 1. One that is late for some of its windows counts in the others.
 * State: accumulators by key and slice; a slice is the greatest common divisor of size and slide wide. A slice is
 * dropped when its last window has closed, and a key with its last slice.
 * Cost: a hash probe and one update a row, about three merges a key and slice, one output row a key and window.
 * Literature: see `state/slices.ts` and `sliding-merge.ts`.
 */
import { Batch, type Schema } from '@millrace/algebra'
import type { WindowSpec } from '@millrace/plan'
import { AggregateKernel } from '../aggregate/kernel.ts'
import type { Aggregate, Table } from '../aggregate/table.ts'
import { mayGenerate } from '../chain/may-generate.ts'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { CellState } from '../state/cell.ts'
import type { SlicesState } from '../state/slices.ts'
import { OUTPUT_ROWS, resultColumns } from './results.ts'
import { SliceRouter } from './slice-router.ts'
import { SlidingMerge } from './sliding-merge.ts'
import { closedBefore, WindowClock } from './window-clock.ts'

export interface WindowAggregateOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  readonly key: readonly number[]
  readonly window: WindowSpec
  readonly aggregates: readonly Aggregate[]
  /** What each is of what, and over which windows, as a checkpoint tells it. */
  readonly means?: readonly string[]
  readonly output: Schema
  readonly generate?: boolean
}

export function windowAggregateOperator(options: WindowAggregateOptions): OperatorSpec {
  const { label, site, name, schema, key, aggregates, means, output } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema, key: { columns: key, missing: 'insert' } }],
    outputs: [output, schema],
    state: {
      slices: { kind: 'slices', fields: aggregates.flatMap(a => a.accumulator.fields), means },
      /** End of the last window closed. */
      closed: { kind: 'cell', initial: () => Number.NEGATIVE_INFINITY, move: closedBefore },
    },
    create: ({ slices, closed }, context) => new WindowAggregate(options, slices, closed, context),
  })
}

class WindowAggregate implements Operator {
  readonly #options: WindowAggregateOptions
  readonly #slices: SlicesState
  readonly #context: OperatorContext
  readonly #kernel: AggregateKernel
  readonly #router: SliceRouter
  readonly #merge: SlidingMerge | undefined
  readonly #clock: WindowClock
  /** The window being emitted: its rows in canonical order, and how far. */
  #firing: { readonly end: number; readonly table: Table; readonly ids: Int32Array; next: number } | undefined

  constructor(
    options: WindowAggregateOptions,
    slices: SlicesState,
    closed: CellState<number>,
    context: OperatorContext,
  ) {
    const { window } = options
    this.#options = options
    this.#slices = slices
    this.#context = context
    this.#kernel = new AggregateKernel(options.aggregates, options.generate ?? mayGenerate())
    this.#clock = new WindowClock(window, slices, closed)
    this.#router = new SliceRouter(this.#clock)
    if (this.#clock.sliceMs < window.sizeMs) this.#merge = new SlidingMerge(this.#kernel, slices, this.#clock.sliceMs)
  }

  process(batch: Batch): void {
    const { keys, ids, watermark } = this.#context
    const late = this.#router.route(batch, watermark)
    if (late > 0) {
      this.#context.count('late', late)
      this.#context.emit(this.#router.late(batch), 1)
    }
    for (let i = 0; i < this.#router.size; i++) {
      const { start, rows, length } = this.#router.part(i)
      const slice = this.#slices.at(start, keys.capacity)
      const before = slice.size
      this.#kernel.add(batch, ids, rows, length, slice)
      if (slice.size > before) this.#slices.touched(slice, before)
      this.#merge?.changed(start)
    }
  }

  onWatermark(watermark: number): Done {
    for (;;) {
      if (this.#firing === undefined) {
        const end = this.#clock.next(watermark)
        if (end === undefined) {
          this.#clock.passed(watermark)
          return true
        }
        this.#begin(end)
      }
      if (!this.#emitSome()) return false
    }
  }

  #begin(end: number): void {
    const start = end - this.#options.window.sizeMs
    const table =
      this.#merge === undefined ? this.#slices.get(start)! : this.#merge.window(start, end, this.#context.keys.capacity)
    const ids = table.touched.slice(0, table.size).sort()
    this.#firing = { end, table, ids, next: 0 }
  }

  /** Emits until downstream is full (false) or the window is done. */
  #emitSome(): boolean {
    const firing = this.#firing!
    const { aggregates, output, window } = this.#options
    while (firing.next < firing.ids.length) {
      if (this.#context.full) return false
      const ids = firing.ids.subarray(firing.next, firing.next + OUTPUT_ROWS)
      const bounds = { start: firing.end - window.sizeMs, end: firing.end }
      const columns = resultColumns(this.#context.keys, aggregates, firing.table.arrays, ids, bounds)
      const times = new Float64Array(ids.length).fill(firing.end - 1)
      this.#context.emit(new Batch(output, columns, ids.length, null, null, times))
      firing.next += ids.length
    }
    this.#firing = undefined
    this.#clock.close(firing.end)
    return true
  }
}
