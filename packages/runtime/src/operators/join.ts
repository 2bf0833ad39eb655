/**
 * Hash join: any left input with a right input that ends, by equal keys; null equals nothing.
 *
 * Law: linear in the left: (a + b) join R = a join R + b join R, so left rows, and the taking back of left rows, are
 * answered as they come; what right rows alone give (right, full) comes when the left has ended.
 * Algorithm: the right is read to its end, into rows chained by key; then each left row finds its chain by one probe
 * (DeWitt et al., "Implementation techniques for main memory database systems", SIGMOD 1984, section 3.3). Where no key
 * has two right rows, left rows pass under a selection and only the right's columns are gathered.
 * State: the right's rows; right and full: the keys met.
 * Cost: one hash probe a row, a gather a right column.
 *
 * The right is a build input: the driver hands the left over when it has ended. Until then the left waits in its
 * channel; if both come from one source that is a deadlock, and with `buffer` the driver keeps what the left sends.
 */
import { BATCH_ROWS, Batch, type Schema } from '@millrace/algebra'
import type { JoinColumn, JoinHow } from '@millrace/plan'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { CellState } from '../state/cell.ts'
import type { ColumnsState } from '../state/columns.ts'
import type { RowsState } from '../state/rows.ts'
import { requireAppends } from './append-only.ts'
import { ColumnPairs } from './join-columns.ts'
import { maskNullKeys } from './join-keys.ts'
import type { JoinPairs } from './join-pairs.ts'
import { SelectPairs } from './join-select.ts'
import type { RowSource } from './row-source.ts'

export interface JoinSide {
  readonly schema: Schema
  /** Columns that are the key; those of both sides have the same types, or numeric ones. */
  readonly key: readonly number[]
  /** What `select` is given. */
  readonly row: RowSource
}

export interface JoinOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly left: JoinSide
  readonly right: JoinSide
  readonly how: JoinHow
  readonly output: Schema
  /** Where the output's columns come from, or what makes its rows. Semi and anti take columns of the left. */
  readonly rows: readonly JoinColumn[] | ((left: never, right: never) => unknown)
  /** Joined rows have the right's times, for the left has none; default false. */
  readonly timedByRight?: boolean
  /** Has the driver read the left before the right has ended, and keep it; default false. */
  readonly buffer?: boolean
  /** Every worker has the whole right, and left rows stay where they are; default false: both go by key group. */
  readonly broadcast?: boolean
  /** Rows in an output batch where left rows are not passed on as they came; default 1024. */
  readonly batchRows?: number
}

const RIGHT = 1

export function joinOperator(options: JoinOptions): OperatorSpec {
  const { label, site, name, left, right, how, output, broadcast = false } = options
  const [leftGoes, rightGoes] = broadcast ? ([{ exchange: 'forward' }, { exchange: 'broadcast' }] as const) : [{}, {}]
  return operatorSpec({
    label,
    site,
    name,
    inputs: [
      { schema: left.schema, key: { columns: left.key, missing: 'find' }, early: options.buffer === true, ...leftGoes },
      { schema: right.schema, key: { columns: right.key, missing: 'insert' }, build: true, ...rightGoes },
    ],
    outputs: [output],
    state: {
      build: { kind: 'rows', schema: right.schema, keyed: true },
      met: { kind: 'columns', fields: [] },
      leftUntimed: { kind: 'cell', initial: () => false, move: (former: readonly boolean[]) => former.includes(true) },
    },
    // Rows with times of the right alone may be older than the left's watermark.
    makesWatermarks: options.timedByRight === true || how === 'right' || how === 'full',
    create: (state, context) => new HashJoin(options, state, context),
  })
}

/** Of each key's chain. */
function firstRows(ids: Int32Array, head: Int32Array, length: number, rows: Int32Array): void {
  for (let i = 0; i < length; i++) rows[i] = ids[i] < 0 ? -1 : head[ids[i]]
}

interface JoinState {
  readonly build: RowsState
  readonly met: ColumnsState
  /** A left row without a time has come. */
  readonly leftUntimed: CellState<boolean>
}

class HashJoin implements Operator {
  readonly #options: JoinOptions
  readonly #state: JoinState
  readonly #context: OperatorContext
  readonly #output: JoinPairs
  readonly #batchRows: number
  readonly #keepsLeft: boolean
  readonly #keepsRight: boolean
  #ids = new Int32Array(0)
  #partners = new Int32Array(0)
  #selection = new Int32Array(0)
  /** Right rows that met no left one, once they are known. */
  #alone: Int32Array | undefined
  #nextAlone = 0

  constructor(options: JoinOptions, state: JoinState, context: OperatorContext) {
    const { how, rows, output, left, right, batchRows = BATCH_ROWS } = options
    this.#options = options
    this.#state = state
    this.#context = context
    this.#batchRows = batchRows
    this.#keepsLeft = how === 'left' || how === 'full'
    this.#keepsRight = how === 'right' || how === 'full'
    this.#output =
      typeof rows === 'function'
        ? new SelectPairs({ how, output, select: rows, leftRow: left.row, rightRow: right.row, batchRows }, context)
        : new ColumnPairs({ how, output, columns: rows, leftKey: left.key, rightKey: right.key }, context)
  }

  process(batch: Batch, input: number): void {
    if (input === RIGHT) return this.#load(batch)
    if (batch.times === null) this.#state.leftUntimed.value = true
    this.#probe(batch, this.#context.ids)
  }

  onInputEnd(input: number): Done {
    return input === RIGHT || !this.#keepsRight || this.#emitAlone()
  }

  onEnd(): Done {
    const { watermark } = this.#context
    const makesWatermarks = this.#keepsRight || this.#options.timedByRight === true
    if (makesWatermarks && watermark > Number.NEGATIVE_INFINITY) this.#context.emitWatermark(watermark)
    return true
  }

  /** Keeps right rows; those that can meet nobody only where they come out alone. */
  #load(batch: Batch): void {
    requireAppends(batch, 'the right side of join')
    const { length } = batch
    const { ids } = this.#context
    this.#reserve(length)
    this.#ids.set(ids.subarray(0, length))
    maskNullKeys(batch, this.#options.right.key, this.#ids)
    if (this.#keepsRight) return this.#state.build.append(batch, ids)
    const kept = this.#narrow(batch, this.#ids, true)
    this.#state.build.append(kept, this.#ids)
  }

  #reserve(length: number): void {
    if (this.#partners.length >= length) return
    this.#ids = new Int32Array(length)
    this.#partners = new Int32Array(length)
    this.#selection = new Int32Array(length)
  }

  /** Answers left rows with these key ids (-1: no such key). */
  #probe(batch: Batch, ids: Int32Array): void {
    const { length } = batch
    const { build } = this.#state
    const { how } = this.#options
    const right = build.all()
    this.#reserve(length)
    const partners = this.#partners
    if (build.aligned) partners.set(length === ids.length ? ids : ids.subarray(0, length))
    else firstRows(ids, build.head, length, partners)
    maskNullKeys(batch, this.#options.left.key, partners)
    if (this.#keepsRight) this.#mark(ids, partners, length)
    if (how === 'semi') {
      const kept = this.#narrow(batch, partners, true)
      this.#output.each(kept, right, partners.fill(-1, 0, kept.length))
    } else if (how === 'anti') this.#output.each(this.#narrow(batch, partners, false), right, partners)
    else {
      const kept = this.#keepsLeft ? batch : this.#narrow(batch, partners, true)
      if (build.unique) this.#output.each(kept, right, partners)
      else this.#expand(kept, right, partners, build.next)
    }
    this.#output.flush()
  }

  /** The rows of the batch with a partner, or those without; `partners` is narrowed with them. */
  #narrow(batch: Batch, partners: Int32Array, having: boolean): Batch {
    const { selection, length } = batch
    const rows = this.#selection
    const flip = having ? 1 : 0
    let count = 0
    // Without a branch: whether a row has a partner is often as good as random.
    for (let i = 0; i < length; i++) {
      const partner = partners[i]
      partners[count] = partner
      rows[count] = selection === null ? i : selection[i]
      count += (partner >>> 31) ^ flip
    }
    return count === length ? batch : batch.select(rows, count)
  }

  /** Each left row with its chain of right rows. */
  #expand(batch: Batch, right: Batch, partners: Int32Array, next: Int32Array): void {
    const { selection, length } = batch
    const leftRows = new Int32Array(this.#batchRows)
    const rightRows = new Int32Array(this.#batchRows)
    let count = 0
    for (let i = 0; i < length; i++) {
      for (let partner = partners[i], more = true; more; ) {
        leftRows[count] = selection === null ? i : selection[i]
        rightRows[count++] = partner
        if (count === this.#batchRows) {
          this.#output.pairs(batch, leftRows, right, rightRows, count)
          count = 0
        }
        partner = partner < 0 ? -1 : next[partner]
        more = partner >= 0
      }
    }
    this.#output.pairs(batch, leftRows, right, rightRows, count)
  }

  #mark(ids: Int32Array, partners: Int32Array, length: number): void {
    this.#state.met.ensure(this.#context.keys.capacity)
    const { present } = this.#state.met
    for (let i = 0; i < length; i++) if (partners[i] >= 0) present[ids[i]] = 1
  }

  #emitAlone(): Done {
    const right = this.#right()
    this.#alone ??= this.#unmet()
    while (this.#nextAlone < this.#alone.length) {
      if (this.#context.full) return false
      const rows = this.#alone.subarray(this.#nextAlone, this.#nextAlone + this.#batchRows)
      this.#nextAlone += rows.length
      this.#output.alone(right, rows)
      this.#output.flush()
    }
    return true
  }

  /** The right's rows, without times where left rows have none and both may come alone. */
  #right(): Batch {
    const right = this.#state.build.all()
    const timed = this.#options.how === 'right' || !this.#state.leftUntimed.value
    return timed ? right : new Batch(right.schema, right.columns, right.length, null, right.weights)
  }

  /** Rows of keys that were not met, in order of arrival. */
  #unmet(): Int32Array {
    const { build, met } = this.#state
    const rows: Uint8Array = new Uint8Array(build.length)
    for (let id = 0; id < build.head.length; id++) {
      if (met.holds(id)) continue
      for (let row = build.head[id]; row >= 0; row = build.next[row]) rows[row] = 1
    }
    return Int32Array.from(rows.keys()).filter(row => rows[row] === 1)
  }
}
