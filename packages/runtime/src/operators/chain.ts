/**
 * A chain: filters, projections, user functions and event times over each row by itself, fused into one loop.
 *
 * Law: linear; chain(a + b) = chain(a) + chain(b), and chain(-a) = -chain(a) for deterministic functions.
 * Algorithm: a loop generated for each shape of batch (see chain/generate.ts), or interpreted where code may not be
 * generated. What passes unchanged is passed by reference under a selection; only computed columns are written.
 * State: none. Cost: one pass; nothing is allocated for a row but what user functions are given and return.
 */
import { Batch, type Column, type Schema, ValueError } from '@millrace/algebra'
import { MillraceError } from '@millrace/plan'
import { generate, shapeOf } from '../chain/generate.ts'
import { interpret } from '../chain/interpret.ts'
import { DENSE_ROWS, type Loop, type LoopOutput, type LoopPlan, planLoop } from '../chain/loop.ts'
import { mayGenerate } from '../chain/may-generate.ts'
import { OutputColumn } from '../chain/output.ts'
import { chainSchema, type Step } from '../chain/step.ts'
import { type Operator, type OperatorContext, type OperatorSpec, operatorSpec } from '../operator.ts'

export interface ChainOptions {
  readonly schema: Schema
  readonly steps: readonly Step[]
  /** Whether code may be generated; default: where `new Function` is allowed. */
  readonly generate?: boolean
}

export function chainOperator({ schema, steps, generate = mayGenerate() }: ChainOptions): OperatorSpec {
  const output = chainSchema(schema, steps)
  const last = steps.at(-1)
  return operatorSpec({
    label: steps.map(s => s.label).join(' '),
    role: 'chain',
    inputs: [{ schema }],
    outputs: [output],
    state: {},
    site: last?.site,
    create: (_, context) => new Chain(planLoop(schema, steps, output), context, generate),
  })
}

class Chain implements Operator {
  readonly #plan: LoopPlan
  readonly #context: OperatorContext
  readonly #loops = new Map<string, Loop>()
  readonly #generate: boolean
  readonly #columns: readonly OutputColumn[]
  #selection = new Int32Array(0)
  #times = new Float64Array(0)
  #weights = new Int32Array(0)
  #timed = false
  #weighted = false

  constructor(plan: LoopPlan, context: OperatorContext, generate: boolean) {
    this.#plan = plan
    this.#context = context
    this.#generate = generate
    const fields = plan.schema.fields.filter((_, i) => 'computed' in plan.sources[i]!)
    this.#columns = fields.map(f => new OutputColumn(f, 0))
  }

  process(batch: Batch): void {
    if (this.#plan.renames) return this.#emitSelected(batch, batch.length)
    const loop = this.#loopFor(batch)
    const output = this.#prepare(batch)
    let rows: number
    try {
      rows = loop.run(batch, output)
    } catch (error) {
      throw this.#explain(error, loop)
    }
    if (this.#plan.dense) this.#flush(rows)
    else this.#emitSelected(batch, rows)
  }

  #loopFor(batch: Batch): Loop {
    const shape = this.#generate ? shapeOf(batch) : ''
    let loop = this.#loops.get(shape)
    if (loop === undefined) {
      loop = this.#generate ? generate(this.#plan, batch) : interpret(this.#plan)
      this.#loops.set(shape, loop)
    }
    return loop
  }

  #prepare(batch: Batch): LoopOutput {
    const { dense, setsTime } = this.#plan
    const { length, selection } = batch
    const rows = dense ? DENSE_ROWS : selection === null || length === 0 ? length : selection[length - 1]! + 1
    for (const column of this.#columns) column.prepare(rows)
    if (!dense && this.#selection.length < length) this.#selection = new Int32Array(length)
    if ((dense || setsTime) && this.#times.length < rows) this.#times = new Float64Array(rows)
    if (dense && this.#weights.length < rows) this.#weights = new Int32Array(rows)
    this.#timed = setsTime || batch.times !== null
    this.#weighted = batch.weights !== null
    return {
      columns: this.#columns,
      selection: this.#selection,
      times: this.#times,
      weights: this.#weights,
      flush: full => this.#flush(full),
    }
  }

  #emitSelected(batch: Batch, rows: number): void {
    if (rows === 0) return
    const columns = this.#plan.sources.map(s =>
      'input' in s ? batch.columns[s.input]! : this.#columns[s.computed]!.column(),
    )
    const selection = rows === batch.length ? batch.selection : this.#selection
    const times = this.#plan.setsTime ? this.#times : batch.times
    this.#context.emit(new Batch(this.#plan.schema, columns, rows, selection, batch.weights, times))
  }

  #flush(rows: number): void {
    if (rows === 0) return
    const columns: Column[] = this.#columns.map(c => c.column())
    const weights = this.#weighted ? this.#weights : null
    this.#context.emit(new Batch(this.#plan.schema, columns, rows, null, weights, this.#timed ? this.#times : null))
    for (const column of this.#columns) column.prepare(DENSE_ROWS)
  }

  /** Names the step that failed. */
  #explain(error: unknown, loop: Loop): unknown {
    const step = this.#plan.steps[loop.at()]
    const where = { operator: step?.label, site: step?.site }
    if (error instanceof MillraceError) return error.with(where)
    if (error instanceof ValueError)
      return new MillraceError('INVALID_VALUE', error.message, { ...where, cause: error })
    const message = error instanceof Error ? error.message : String(error)
    return new MillraceError('USER_FUNCTION', message, { ...where, cause: error })
  }
}
