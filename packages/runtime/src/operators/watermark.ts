/**
 * Watermarks from the event times of rows.
 *
 * Law: after every `everyRows` rows of a split its watermark is the greatest time so far, less the disorder, less 1 ms;
 * so which rows are late is decided by the rows alone, not by clocks or by how they are cut into batches. The
 * operator's watermark is the least of its open splits that are not idle; it never goes back.
 * A live source that has given every row it has for the moment moves the watermark on too, so that slow streams do not
 * wait for rows to come; and a split without a row for `idleMs` (at most twice that) stops holding the others back.
 * State: per split, greatest time and rows since the last watermark. Cost: one comparison a row.
 */
import type { Batch, Schema } from '@millrace/algebra'
import { type CallSite, MillraceError, type WatermarkStrategy } from '@millrace/plan'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import type { CellState } from '../state/cell.ts'
import type { MoveContext } from '../state/declaration.ts'

export interface WatermarkOptions {
  readonly schema: Schema
  readonly strategy: WatermarkStrategy
  readonly site?: CallSite | undefined
  readonly name?: string | undefined
}

interface SplitProgress {
  /** Greatest event time of a row. */
  greatest: number
  /** Rows since the last watermark. */
  rows: number
  /** The split's watermark. */
  watermark: number
  /** Gave a row since the timer last rang. */
  active: boolean
  idle: boolean
}

interface Progress {
  splits: Record<number, SplitProgress>
  /** The greatest sent. */
  sent: number
}

export function watermarkOperator({ schema, strategy, site, name }: WatermarkOptions): OperatorSpec {
  return operatorSpec({
    label: 'watermarks',
    site,
    name,
    inputs: [{ schema }],
    outputs: [schema],
    makesWatermarks: true,
    alignMs: strategy.alignMs,
    state: {
      progress: {
        kind: 'cell',
        initial: (): Progress => ({ splits: {}, sent: Number.NEGATIVE_INFINITY }),
        move: progressNow,
      },
    },
    create: ({ progress }, context) => new Watermarks(strategy, progress, context),
  })
}

/**
 * Where a job goes on with other subtasks: the least that was sent, so that no row becomes late, and how far each split had
 * come that is read here. Splits that are known under other numbers begin anew, and hold time until they have a row.
 */
function progressNow(former: readonly Progress[], { splits: here }: MoveContext): Progress {
  const all = former.flatMap(({ splits }) => Object.entries(splits))
  const own = all.filter(([number]) => here?.has(Number(number)) === true)
  return {
    splits: Object.fromEntries(own.map(([number, split]) => [number, { ...split }])),
    sent: Math.min(...former.map(({ sent }) => sent)),
  }
}

class Watermarks implements Operator {
  readonly #strategy: WatermarkStrategy
  readonly #progress: CellState<Progress>
  readonly #context: OperatorContext
  /** The idle timer is set. */
  #ticking = false

  constructor(strategy: WatermarkStrategy, progress: CellState<Progress>, context: OperatorContext) {
    this.#strategy = strategy
    this.#progress = progress
    this.#context = context
  }

  process(batch: Batch): void {
    if (batch.times === null) throw new MillraceError('INTERNAL', 'missing event times')
    const split = this.#split(this.#context.split)
    if (split.idle) this.#wake(split)
    split.active = true
    for (let from = 0; from < batch.length; ) {
      const to = Math.min(batch.length, from + this.#strategy.everyRows - split.rows)
      split.greatest = Math.max(split.greatest, greatestTime(batch, from, to))
      split.rows += to - from
      this.#context.emit(part(batch, from, to))
      if (split.rows === this.#strategy.everyRows) this.#mark(split)
      from = to
    }
    this.#watchIdleness()
  }

  /** From the first split on, not the first row: where no split ever gives one, others wait for none. */
  #watchIdleness(): void {
    if (this.#strategy.idleMs !== undefined && !this.#ticking) this.#tick(this.#strategy.idleMs)
  }

  /** Before its first row after a pause: from here on it counts again. */
  #wake(split: SplitProgress): void {
    split.idle = false
    if (this.#progress.value.sent > Number.NEGATIVE_INFINITY) this.#context.emitWatermark(this.#progress.value.sent)
  }

  #mark(split: SplitProgress): void {
    split.rows = 0
    split.watermark = split.greatest - this.#strategy.disorderMs - 1
    this.#send()
  }

  onCaughtUp(number: number): void {
    const split = this.#progress.value.splits[number]
    if (split !== undefined && split.rows > 0) this.#mark(split)
  }

  #tick(idleMs: number): void {
    this.#ticking = true
    this.#context.timer(idleMs)
  }

  onTimer(): Done {
    this.#ticking = false
    let open = 0
    let busy = 0
    for (const split of Object.values(this.#progress.value.splits)) {
      open++
      split.idle = !split.active
      if (split.active) busy++
      split.active = false
    }
    if (busy > 0) this.#tick(this.#strategy.idleMs!)
    if (open > 0 && busy === 0) this.#context.emitIdle()
    else this.#send()
    return true
  }

  onRestore(): void {
    if (Object.keys(this.#progress.value.splits).length > 0) this.#watchIdleness()
  }

  onSplitStart(split: number): void {
    this.#split(split)
    this.#watchIdleness()
  }

  onSplitEnd(split: number): void {
    delete this.#progress.value.splits[split]
    this.#send()
  }

  onEnd(): Done {
    this.#context.emitWatermark(Number.POSITIVE_INFINITY)
    return true
  }

  #split(number: number): SplitProgress {
    const { splits } = this.#progress.value
    return (splits[number] ??= {
      greatest: Number.NEGATIVE_INFINITY,
      rows: 0,
      watermark: Number.NEGATIVE_INFINITY,
      active: true,
      idle: false,
    })
  }

  /** Sends the least watermark of the open splits, if it has grown. */
  #send(): void {
    let least = Number.POSITIVE_INFINITY
    for (const split of Object.values(this.#progress.value.splits))
      if (!split.idle && split.watermark < least) least = split.watermark
    if (least === Number.POSITIVE_INFINITY || least <= this.#progress.value.sent) return
    this.#progress.value.sent = least
    this.#context.emitWatermark(least)
  }
}

function greatestTime({ times, selection }: Batch, from: number, to: number): number {
  let greatest = Number.NEGATIVE_INFINITY
  for (let i = from; i < to; i++) {
    const time = times![selection === null ? i : selection[i]!]!
    if (time > greatest) greatest = time
  }
  return greatest
}

/** Rows from one position to another of a batch, sharing its columns. */
function part(batch: Batch, from: number, to: number): Batch {
  if (from === 0 && to === batch.length) return batch
  const selection = new Int32Array(to - from)
  for (let i = from; i < to; i++) selection[i - from] = batch.selection === null ? i : batch.selection[i]!
  return batch.select(selection, to - from)
}
