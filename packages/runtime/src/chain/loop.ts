/** What a chain's loop is, whether generated or interpreted: one call a batch. */
import { type Batch, Schema } from '@millrace/algebra'
import type { OutputColumn } from './output.ts'
import { chainSchema, isFunction, type Step } from './step.ts'

/** Where the loop writes, made anew or reused by the chain before each call. */
export interface LoopOutput {
  /** The computed columns, in the order the plan of the loop gives them. */
  readonly columns: readonly OutputColumn[]
  /** Physical rows that passed, in order; unused by dense loops. */
  readonly selection: Int32Array
  /** By physical row, or dense. */
  readonly times: Float64Array
  readonly weights: Int32Array
  /** Dense loops: called when `rows` rows are full. */
  flush(rows: number): void
}

export interface Loop {
  /** Rows that passed, or for a dense loop those since the last flush. */
  run(batch: Batch, output: LoopOutput): number
  /** The step that was going on last, for errors. */
  at(): number
}

/** What a loop leaves: each output column is one of the input's, or the nth computed one. */
export interface LoopPlan {
  readonly input: Schema
  readonly steps: readonly Step[]
  readonly schema: Schema
  readonly sources: readonly ({ readonly input: number } | { readonly computed: number })[]
  /** Has a `flatMap`: rows are written densely, and nothing is passed through. */
  readonly dense: boolean
  readonly setsTime: boolean
  /** Only picks and orders columns: there is nothing to loop over. */
  readonly renames: boolean
}

/** Rows a dense loop gathers before it flushes. */
export const DENSE_ROWS = 1024

/** Follows the steps to see which output columns are the input's own. */
export function planLoop(input: Schema, steps: readonly Step[], schema: Schema): LoopPlan {
  let origin: (number | null)[] = input.fields.map((_, i) => i)
  let row = input
  for (const step of steps) {
    if (step.kind === 'map' || step.kind === 'flatMap') origin = [null]
    else if (step.kind === 'convert') origin = step.schema.fields.map(() => null)
    else if (step.kind === 'project' || step.kind === 'extend') {
      const named = (name: string): number | null =>
        Schema.isOpaque(row) ? null : (origin[Schema.indexOf(row, name)] ?? null)
      const given = step.columns.map(({ value }) =>
        !isFunction(value) && value.kind === 'column' ? named(value.name) : null,
      )
      origin = step.kind === 'project' ? given : [...origin, ...given]
    }
    row = chainSchema(row, [step])
  }
  const dense = steps.some(s => s.kind === 'flatMap')
  let computed = 0
  const sources = origin.map(from => (from === null || dense ? { computed: computed++ } : { input: from }))
  const renames = computed === 0 && steps.every(s => s.kind === 'project' || s.kind === 'extend')
  return { input, steps, schema, sources, dense, setsTime: steps.some(s => s.kind === 'time'), renames }
}
