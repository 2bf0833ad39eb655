/**
 * A user's asynchronous function of each row.
 *
 * Law: a row comes out for each that came in: what the function's promise gave, with the time of its row. *Ordered*: in the
 * order of the rows. Otherwise as answers come, but none passes a watermark: what came in before one comes out before it.
 * State: the rows that have not come out, and the watermarks that wait behind them. A checkpoint waits for no answer;
 * restored, the operator asks again for all that it has, so that what is asked for may be asked for twice.
 * Backpressure: of the rows it has it asks for `capacity` at a time, the oldest first; with as many it takes no more.
 * Cost: a call, a promise and a few objects a row.
 *
 * An epoch waits for no answer either: what comes out later belongs to a later one, as if its row had come then.
 */
import { BATCH_ROWS, type Batch, type Schema } from '@millrace/algebra'
import type { CallSpec } from '../call-spec.ts'
import { type Done, type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'
import { describeRow } from '../rows/describe-row.ts'
import { type RowReader, rowReader } from '../rows/row-reader.ts'
import { type Item, Mark, Request, type RequestsState } from '../state/requests.ts'
import { requireAppends } from './append-only.ts'
import { RowOutput } from './row-output.ts'
import { userFailure } from './user-failure.ts'

export interface MapAsyncOptions {
  readonly label: string
  readonly site?: OperatorSpec['site']
  readonly name?: string | undefined
  readonly schema: Schema
  readonly output: Schema
  readonly calls: CallSpec
  /** Rows that are asked for at the same time, at least 1. */
  readonly capacity: number
  readonly ordered: boolean
  /** Rows in an output batch; default 1024. */
  readonly batchRows?: number
}

export function mapAsyncOperator(options: MapAsyncOptions): OperatorSpec {
  const { label, site, name, schema, output, calls } = options
  return operatorSpec({
    label,
    site,
    name,
    inputs: [{ schema }],
    outputs: [output],
    holdsTime: true,
    calls,
    state: { requests: { kind: 'requests' } },
    create: ({ requests }, context) => new MapAsync(options, requests, context),
  })
}

class MapAsync implements Operator {
  readonly #capacity: number
  readonly #ordered: boolean
  readonly #requests: RequestsState
  readonly #context: OperatorContext
  readonly #read: RowReader
  readonly #output: RowOutput
  /** The first row that is not asked for yet. */
  #unasked: Request | undefined
  /** Asked for, and not out. */
  #started = 0
  /** Whether the rows in the output have times. */
  #timed = false

  constructor(options: MapAsyncOptions, requests: RequestsState, context: OperatorContext) {
    this.#capacity = options.capacity
    this.#ordered = options.ordered
    this.#requests = requests
    this.#context = context
    this.#read = rowReader(options.schema)
    this.#output = new RowOutput(options.output, context, 0, options.batchRows ?? BATCH_ROWS)
  }

  get takes(): boolean {
    return this.#requests.size < this.#capacity
  }

  process(batch: Batch): void {
    requireAppends(batch, 'mapAsync')
    const { selection, length, times } = batch
    for (let i = 0; i < length; i++) {
      const row = selection === null ? i : selection[i]
      const request = this.#requests.add(this.#read(batch, row), times === null ? undefined : times[row])
      this.#unasked ??= request
    }
    this.#ask()
  }

  /** Those that were restored are as those that have just come. */
  onRestore(): void {
    this.#unasked = firstRequest(this.#requests.first)
    if (this.#requests.marksLost) this.#requests.mark(this.#context.watermark)
    if (this.#requests.first instanceof Mark) this.#context.timer(0)
    this.#ask()
  }

  onTimer(): Done {
    this.#release()
    return true
  }

  onAnswers(answered: readonly Request[]): void {
    if (!this.#ordered)
      for (const request of answered) if (request.segment === this.#requests.segment) this.#leave(request)
    this.#release()
    this.#output.flush()
    this.#ask()
  }

  onWatermark(watermark: number): Done {
    this.#requests.mark(watermark)
    this.#release()
    return true
  }

  onIdle(): void {
    this.#requests.mark(null)
    this.#release()
  }

  onStop(): Done {
    return this.#requests.size === 0
  }

  onEnd(): Done {
    return this.#requests.size === 0
  }

  #ask(): void {
    while (this.#unasked !== undefined && this.#started < this.#capacity) {
      const request = this.#unasked
      this.#unasked = firstRequest(request.next)
      this.#started++
      this.#context.start(request)
    }
  }

  /** What nothing before it holds back. */
  #release(): void {
    for (let first = this.#requests.first; first !== undefined; first = this.#requests.first) {
      if (first instanceof Mark) this.#pass(first)
      else if (this.#ordered && first.answered) this.#leave(first)
      else return
    }
  }

  #pass(mark: Mark): void {
    this.#output.flush()
    this.#requests.remove(mark)
    if (mark.time === null) this.#context.emitIdle()
    else this.#context.emitWatermark(mark.time)
    if (!this.#ordered) this.#leaveSegment()
  }

  /** What has been answered of the rows that are the first now. */
  #leaveSegment(): void {
    for (const item of this.#requests) {
      if (item instanceof Mark) return
      if (item.answered) this.#leave(item)
    }
  }

  #leave(request: Request): void {
    const { row, answer, time } = request
    this.#requests.remove(request)
    this.#started--
    if ((time !== undefined) !== this.#timed) this.#output.flush()
    this.#timed = time !== undefined
    try {
      this.#output.add(answer, time)
    } catch (error) {
      throw userFailure(error).with({ at: describeRow(row) })
    }
  }
}

/** This item or the first behind it that is a row. */
function firstRequest(item: Item | undefined): Request | undefined {
  for (let at = item; at !== undefined; at = at.next) if (at instanceof Request) return at
  return undefined
}
